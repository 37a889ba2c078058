/** What a package with its options comes to on a cluster; nothing is changed by finding out. */
import { isDeepStrictEqual } from "node:util";
import { formatPath } from "../../../providers/base/diff";
import type { CheckFailure, Properties, Value } from "../../../providers/base/provider";
import { SeamlessError } from "../../../util/errors";
import { NoService, OptionsRefused, PackageNotFound, VersionNotFound } from "../api/cosmos-errors";
import { checkOptions, type Violation } from "../api/options";
import { AccessRefused, TlsMismatch } from "../api/session";
import { runsAsRendered } from "./drift";
import type { Cluster, Json, PackageInputs } from "./inputs";
import { labelsOf, optionsOf, readable, serviceNameOf, versionOf } from "./labels";

export interface Resolved {
  /** Id of the app at the root Marathon. */
  readonly id: string;
  readonly version: string;
  readonly options: Json;
  /** The rendered app, readable. */
  readonly app: Json;
  readonly serviceName: string;
}

/** Options that the package's schema does not allow. */
export class OptionsInvalid extends SeamlessError {
  constructor(
    what: string,
    readonly violations: readonly Violation[],
  ) {
    const lines = violations.map(({ path, reason }) => `${propertyOf(path)}: ${reason}`);
    super([`${what} does not allow these options:`, ...lines].join("\n"));
  }
}

/** @throws the client's errors, or OptionsInvalid. */
export async function resolve(
  { cosmos }: Cluster,
  inputs: PackageInputs,
  warn: (message: string) => void,
): Promise<Resolved> {
  const { packageName, options = {}, appId } = inputs;
  const { version, config } = await cosmos.describe(packageName, inputs.version);
  const what = `${packageName} ${version}`;
  const { violations, unchecked } = checkOptions(config, options);
  if (violations.length > 0) throw new OptionsInvalid(what, violations);
  if (unchecked !== undefined) {
    warn(
      `the options of ${what} are checked by the cluster only, its schema has a fault: ${unchecked}`,
    );
  }
  const asked = { packageName, packageVersion: version, options };
  const marathonJson = await cosmos.render(appId === undefined ? asked : { ...asked, appId });
  const id = marathonJson.id.startsWith("/") ? marathonJson.id : `/${marathonJson.id}`;
  const serviceName = serviceNameOf(id, labelsOf(marathonJson));
  return { id, version, options, app: readable(marathonJson), serviceName };
}

/** The outputs, which all are known once a package is resolved. */
export function outputsOf({ id, version, app, serviceName }: Resolved): Properties {
  return {
    appId: id,
    installedVersion: version,
    serviceName,
    servicePath: `/service/${serviceName}`,
    app: propertiesOf(app),
  };
}

/** Whether an app of Marathon is of this version with these options, whatever else was changed of it. */
export function isFrom(resolved: Resolved, live: Json): boolean {
  const labels = labelsOf(live);
  return (
    versionOf(labels) === resolved.version && isDeepStrictEqual(optionsOf(labels), resolved.options)
  );
}

/** Whether an app of Marathon is what would be installed. */
export function isInstalled(resolved: Resolved, live: Json): boolean {
  return isFrom(resolved, live) && runsAsRendered(resolved.app, live);
}

/** What was wrong with the inputs, at the property where it was; undefined when it was something else. */
export function failuresOf(thrown: unknown): readonly CheckFailure[] | undefined {
  if (thrown instanceof OptionsInvalid) {
    // The engine looks up properties by their first name only, and shows others as nothing.
    return thrown.violations.map(({ path, reason }) => ({
      property: "",
      reason: `${propertyOf(path)}: ${reason}`,
    }));
  }
  const property = faulty.find(({ kinds }) => kinds.some((kind) => thrown instanceof kind))?.name;
  if (property === undefined || !(thrown instanceof Error)) return undefined;
  return [{ property, reason: thrown.message }];
}

const faulty = [
  { name: "packageName", kinds: [PackageNotFound, NoService] },
  { name: "version", kinds: [VersionNotFound] },
  { name: "options", kinds: [OptionsRefused] },
  { name: "cluster", kinds: [AccessRefused, TlsMismatch] },
];

function propertyOf(path: Violation["path"]): string {
  return formatPath(["options", ...path]);
}

/** What came as JSON, as properties. */
export function propertiesOf(json: Json): Properties {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, propertyValue(value)]),
  );
}

function propertyValue(json: unknown): Value {
  if (typeof json === "string" || typeof json === "number" || typeof json === "boolean") {
    return json;
  }
  if (Array.isArray(json)) return json.map(propertyValue);
  return typeof json === "object" && json !== null ? propertiesOf({ ...json }) : null;
}
