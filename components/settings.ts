import { type Output, RunError, type Config as Settings } from "@pulumi/pulumi";
import { parseConfig } from "../config";
import type { Config } from "../config/types";
import { makePlan, type Plan } from "../plan";
import { SeamlessError } from "../util/errors";
import { readClusterNodes } from "./cluster-nodes";
import type { AccessSecrets } from "./types";

/**
 * Reads the stack's configuration.
 * @throws RunError with every problem, which Pulumi prints as it is, without a stack trace
 */
export function stackConfig(settings: Settings): Config {
  return told(() => {
    const raw = {
      network: settings.getObject("network"),
      reflectors: settings.getObject("reflectors"),
      coes: settings.getObject("coes"),
      lab: settings.getObject("lab"),
    };
    return parseConfig(raw, { readNodes: readClusterNodes });
  });
}

/**
 * Makes the plan of the stack's configuration.
 * @throws RunError like {@link stackConfig}, when a node would not get another one's routes
 */
export function stackPlan(config: Config): Plan {
  return told(() => makePlan(config));
}

/** Has Pulumi print a refusal as it is, without a stack trace. */
function told<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw thrown instanceof SeamlessError ? new RunError(thrown.message) : thrown;
  }
}

/** The secrets configured for an engine; each is there when the stack has one of its sort for any engine. */
export function secretsOf(settings: Settings, coe: string): AccessSecrets {
  const of = (sort: string): Output<string> | undefined =>
    settings
      .getSecretObject<Record<string, string>>(sort)
      ?.apply((byEngine) => byEngine[coe] ?? "");
  const [token, password, privateKey] = [of("tokens"), of("passwords"), of("keys")];
  return {
    ...(token === undefined ? {} : { token }),
    ...(password === undefined ? {} : { password }),
    ...(privateKey === undefined ? {} : { privateKey }),
  };
}
