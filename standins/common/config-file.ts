import { readFileSync } from "node:fs";
import { messageOf, SeamlessError } from "../../util/errors";
import { isRecord } from "../../util/json";

/** Reads the configuration that a program is given as its argument. @throws SeamlessError that names the file */
export function readConfigFile(path: string | undefined): Record<string, unknown> {
  if (path === undefined)
    throw new SeamlessError("usage: node <program> <configuration file, JSON>", 2);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    throw new SeamlessError(`${path}: ${messageOf(thrown)}`, 2);
  }
  if (!isRecord(parsed)) throw new SeamlessError(`${path}: expected a JSON object`, 2);
  return parsed;
}
