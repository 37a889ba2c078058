import { z } from "zod";
import { SeamlessError } from "../../../util/errors";
import { jsonOf } from "./session";

/** What is known of a refusal by Cosmos. */
export interface Refusal {
  /** Cosmos's name for the error; empty when the body was not one of its errors. */
  readonly type: string;
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Cosmos refused; the message says where, why, and what to do. */
export class CosmosError extends SeamlessError {
  constructor(
    message: string,
    readonly refusal: Refusal,
  ) {
    super(message);
  }
}

/** No such package in any repository of the cluster. */
export class PackageNotFound extends CosmosError {}

/** The package has no such version. */
export class VersionNotFound extends CosmosError {}

/** The options do not fit the package's schema. */
export class OptionsRefused extends CosmosError {
  /** What is wrong, one line for each place. */
  readonly problems: readonly string[];

  constructor(message: string, refusal: Refusal) {
    const problems = problemsIn(refusal.data);
    super([message, ...problems].join("\n"), refusal);
    this.problems = problems;
  }
}

/** Marathon refused with a conflict: it has the app already, a deployment locks it, or another reason that Cosmos does not tell. */
export class AlreadyInstalled extends CosmosError {}

/** There is nothing to uninstall or to update. */
export class NotInstalled extends CosmosError {}

/** More than one framework has the service's name, so that none of them was torn down. The app is gone. */
export class SeveralFrameworks extends CosmosError {}

/** The cluster's edition does not change this in place. */
export class NotInPlace extends CosmosError {}

/** A package of command line tools only, which runs nothing. */
export class NoService extends CosmosError {}

type Kind = new (message: string, refusal: Refusal) => CosmosError;

interface Known {
  readonly make: Kind;
  /** What to do about it. */
  readonly advice?: string;
}

const known: Readonly<Record<string, Known>> = {
  PackageNotFound: { make: PackageNotFound },
  VersionNotFound: { make: VersionNotFound },
  JsonSchemaMismatch: { make: OptionsRefused },
  PackageAlreadyInstalled: {
    make: AlreadyInstalled,
    advice:
      "Marathon refused the app with a conflict: it is there already, or a deployment has locked it",
  },
  PackageNotInstalled: { make: NotInstalled },
  UninstallNonExistentAppForPackage: { make: NotInstalled },
  MultipleFrameworkIds: {
    make: SeveralFrameworks,
    advice:
      "the app is gone, its frameworks are not: tear down those that nobody needs (dcos service shutdown <id>) and try again",
  },
  VersionUpgradeNotSupportedInOpen: {
    make: NotInPlace,
    advice: "this edition of DC/OS changes no versions in place",
  },
  OptionsNotAllowed: {
    make: OptionsRefused,
    advice: "the package has no options; leave them out",
  },
  OptionsNotStored: {
    make: CosmosError,
    advice:
      "the app was installed without Cosmos keeping its options; uninstall it and install it anew",
  },
  AppIdChanged: {
    make: CosmosError,
    advice: "the options render to an app of another id; set appId to the one that is installed",
  },
  AmbiguousAppId: {
    make: CosmosError,
    advice: "the package is installed more than once; set appId to the one that is meant",
  },
  ServiceMarathonTemplateNotFound: {
    make: NoService,
    advice:
      "the package has nothing to run on Marathon; install its commands with dcos package install --cli",
  },
  MarathonAppNotFound: { make: NotInstalled },
  FailedToStartUninstall: {
    make: CosmosError,
    advice: "nothing was removed; try again",
  },
  MarathonAppDeleteError: {
    make: CosmosError,
    advice: "the app is still there; look at what Marathon says of it, and try again",
  },
  MarathonGenericError: {
    make: CosmosError,
    advice: "Marathon gave a reason that Cosmos did not pass on; its log has it",
  },
  RepositoryUriConnection: {
    make: CosmosError,
    advice:
      "the cluster cannot reach its package repository: look at dcos package repo list, and at the way out of the masters",
  },
  IncompleteUninstall: {
    make: CosmosError,
    advice: "the app is gone, its framework may not be: look at <cluster>/mesos and try again",
  },
};

/**
 * The typed error of a refusal. @param what was asked, and the status of the answer
 * @param said Cosmos' message; where it has updated a service, that is the body of Marathon's own refusal
 */
export function cosmosError(what: string, said: string, refusal: Refusal): CosmosError {
  const { make, advice } = known[refusal.type] ?? { make: CosmosError };
  const marathon = marathonRefusal.safeParse(jsonOf(said)).data;
  const { message, details } = marathon ?? { message: said, details: undefined };
  const reasons = refusal.type === "MarathonBadResponse" ? refusal.data.errors : details;
  const lines = Array.isArray(reasons) ? reasons.map(problemOf) : [];
  const from = marathon === undefined ? refusal.type : `${refusal.type}: Marathon refused`;
  const whole = [`${what} ${from}: ${message}`, ...lines].join(": ");
  return new make(advice === undefined ? whole : `${whole}; ${advice}`, refusal);
}

/** What Marathon says about an app that it does not take. */
const marathonRefusal = z.looseObject({
  message: z.string(),
  details: z.array(z.unknown()).optional(),
});

/** `data.errors` as lines; those of the schema's validator have a pointer to the option. */
function problemsIn(data: Readonly<Record<string, unknown>>): readonly string[] {
  const { errors } = data;
  return Array.isArray(errors) ? errors.map(problemOf) : [];
}

function problemOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const message = "message" in error ? String(error.message) : reasonsOf(error);
  const instance = "instance" in error ? error.instance : undefined;
  if (typeof instance !== "object" || instance === null || !("pointer" in instance)) {
    return message;
  }
  const path = String(instance.pointer).split("/").slice(1);
  return `${["options", ...path].join(".")}: ${message}`;
}

/** A problem of an app in Marathon's form: `{path, errors}`. */
function reasonsOf(error: object): string {
  const { data } = z.object({ path: z.string(), errors: z.array(z.string()) }).safeParse(error);
  return data === undefined ? JSON.stringify(error) : `${data.path} ${data.errors.join(", ")}`;
}
