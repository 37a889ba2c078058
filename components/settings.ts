import { type Output, RunError, type Config as Settings } from "@pulumi/pulumi";
import { parseConfig } from "../config";
import type { Config } from "../config/types";
import { SeamlessError } from "../util/errors";
import { readClusterNodes } from "./cluster-nodes";

/**
 * Reads the stack's configuration.
 * @throws RunError with every problem, which Pulumi prints as it is, without a stack trace
 */
export function stackConfig(settings: Settings): Config {
  try {
    const raw = {
      network: settings.getObject("network"),
      reflectors: settings.getObject("reflectors"),
      coes: settings.getObject("coes"),
      lab: settings.getObject("lab"),
    };
    return parseConfig(raw, { readNodes: readClusterNodes });
  } catch (thrown) {
    throw thrown instanceof SeamlessError ? new RunError(thrown.message) : thrown;
  }
}

/** The configured token of an engine, a secret; undefined when the stack has no tokens at all. */
export function tokenOf(settings: Settings, coe: string): Output<string> | undefined {
  const tokens = settings.getSecretObject<Record<string, string>>("tokens");
  return tokens?.apply((all) => all[coe] ?? "");
}
