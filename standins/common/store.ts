import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../../util/errors";
import { isRecord } from "../../util/json";

/** Replaces a JSON file in one step: a crash leaves the old text or the new one, never half of it. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const file = openSync(next, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(value)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}

/** The value of a JSON file, or undefined when there is none. A damaged file is an error that names it. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    if (isRecord(thrown) && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new Error(`${path}: ${messageOf(thrown)}; remove the file to start without it`);
  }
}

/** A way to save that writes a file only when what is to be in it has changed. */
export function savedTo<T>(path: string, dump: (value: T) => unknown): (value: T) => void {
  let saved = "";
  return (value) => {
    const dumped = dump(value);
    const text = JSON.stringify(dumped);
    if (text === saved) return;
    writeJson(path, dumped);
    saved = text;
  };
}
