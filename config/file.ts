import { readFileSync } from "node:fs";
import { exitCode, SeamlessError, whyNoFile } from "../util/errors";
import { misplaced, rawConfig, rawSecrets, unnamed } from "./handed-on";
import { type ParseOptions, parseConfig } from "./parse";
import { readStackFile, type StackFile } from "./stack-file";
import type { Config } from "./types";
import { YamlFault } from "./yaml";

export type ReadOptions = Pick<ParseOptions, "kinds" | "readNodes" | "warn">;

/**
 * Reads the configuration of a stack from its file, `Pulumi.<stack>.yaml`.
 * @throws SeamlessError when there is no such file or Pulumi would not read it; ConfigError, with lines and columns, when
 * the configuration is invalid
 */
export function readStackConfig(file: string, options: ReadOptions): Config {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (thrown) {
    throw new SeamlessError(`${file}: cannot be read: ${whyNoFile(thrown)}`, exitCode.usage);
  }
  return parseStackConfig(bytes, file, options);
}

/** Like {@link readStackConfig}, for a text or its bytes. @param file its name in messages */
export function parseStackConfig(
  text: string | Uint8Array,
  file: string,
  options: ReadOptions,
): Config {
  const { settings, encrypted, locate } = stackFile(text, file);
  return parseConfig(rawConfig(settings), {
    locate,
    secrets: rawSecrets(settings, encrypted),
    encrypted: [...misplaced(encrypted), ...unnamed(encrypted)],
    ...options,
  });
}

/** @throws SeamlessError where Pulumi would not read it */
export function stackFile(text: string | Uint8Array, file: string): StackFile {
  try {
    return readStackFile(typeof text === "string" ? Buffer.from(text) : text, file);
  } catch (thrown) {
    if (!(thrown instanceof YamlFault)) throw thrown;
    const { line, column, message } = thrown;
    throw new SeamlessError(`${file}:${line}:${column}: ${message}`, exitCode.usage);
  }
}
