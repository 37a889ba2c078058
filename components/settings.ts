import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  getStack,
  log,
  type Output,
  RunError,
  runtime,
  type Config as Settings,
} from "@pulumi/pulumi";
import {
  bgpPasswords,
  misplaced,
  rawConfig,
  rawSecrets,
  saidBy,
  type Settings as Texts,
  unnamed,
} from "../config/handed-on";
import type { Path } from "../config/problems";
import { readStackFile, type StackFile } from "../config/stack-file";
import type { Config } from "../config/types";
import type { Plan } from "../plan";
import { SeamlessError } from "../util/errors";
import { readClusterNodes } from "./cluster-nodes";
import type { AccessSecrets } from "./contract/deploy";
import { makePlan, parseConfig } from "./kinds/planning";

/**
 * Reads the stack's configuration. What is worth knowing of it is a warning of the update.
 * @throws RunError with every problem, which Pulumi prints as it is, without a stack trace
 */
export function stackConfig({ name }: Settings): Config {
  const prefix = `${name}:`;
  const texts = Object.fromEntries(
    Object.entries(runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), text]),
  );
  const sealed = secretKeys().flatMap((key): Path[] =>
    key.startsWith(prefix) ? [[key.slice(prefix.length)]] : [],
  );
  const file = fileOf(texts, sealed);
  // The file says which of a setting's values are encrypted; Pulumi hands them on decrypted, and names the setting.
  const within =
    file === undefined ? [] : [...misplaced(file.encrypted), ...unnamed(file.encrypted)];
  const elsewhere = misplaced(sealed).filter(([key]) => within.every(([one]) => one !== key));
  return told(() =>
    parseConfig(rawConfig(texts), {
      readNodes: readClusterNodes,
      warn: (line) => void log.warn(line),
      secrets: rawSecrets(texts, []),
      encrypted: [...within, ...elsewhere],
      ...(file === undefined ? {} : { locate: file.locate }),
    }),
  );
}

/**
 * Makes the plan of the stack's configuration.
 * @throws RunError like {@link stackConfig}, when a node would not get another one's routes
 */
export function stackPlan(config: Config): Plan {
  return told(() => makePlan(config));
}

/** Has Pulumi print a refusal as it is, without a stack trace. */
export function told<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw thrown instanceof SeamlessError ? new RunError(thrown.message) : thrown;
  }
}

/** The names of the settings with encrypted values in them, as every language host hands them to the program. */
function secretKeys(): string[] {
  const keys = saidBy(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "");
  return Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
}

/** The stack's file, for the places of problems; undefined where the settings are another's (`--config-file`). */
function fileOf(texts: Texts, sealed: readonly Path[]): StackFile | undefined {
  try {
    const name = `Pulumi.${getStack()}.yaml`;
    const file = readStackFile(readFileSync(name), name);
    const plain = (settings: Texts) =>
      Object.entries(settings)
        .filter(([key]) => sealed.every(([one]) => one !== key))
        .map(([key, text]): [string, unknown] => [key, saidBy(text)]);
    const same = isDeepStrictEqual(new Map(plain(file.settings)), new Map(plain(texts)));
    return same ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The secrets configured for a COE; each is there when the stack has one of its sort for any COE. */
export function secretsOf(settings: Settings, coe: string): AccessSecrets {
  const of = (sort: string): Output<string> | undefined =>
    settings
      .getSecretObject<Record<string, string>>(sort)
      ?.apply((byCoe) => (Object.hasOwn(byCoe, coe) ? (byCoe[coe] ?? "") : ""));
  const [token, password, privateKey] = [of("tokens"), of("passwords"), of("keys")];
  return {
    ...(token === undefined ? {} : { token }),
    ...(password === undefined ? {} : { password }),
    ...(privateKey === undefined ? {} : { privateKey }),
  };
}

/** The passwords of BGP sessions, by their names in the plan; none where the stack has none. */
export function bgpPasswordsOf(settings: Settings): Output<Record<string, string>> | undefined {
  return settings.getSecretObject<Record<string, string>>(bgpPasswords);
}
