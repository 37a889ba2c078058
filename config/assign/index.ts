/** Values that the configuration leaves to be assigned, written into the stack's file so that they stay. */
import { isDeepStrictEqual } from "node:util";
import { SeamlessError } from "../../util/errors";
import { type ReadOptions, stackFile } from "../file";
import { misplaced, rawConfig, rawSecrets, unnamed } from "../handed-on";
import { parseConfig, type RawConfig } from "../parse";
import { isFields } from "../readable";
import { withAssigned } from "./edit";
import { type Assignment, missing, writtenValue } from "./missing";

export { type Assignment, writtenValue };

export interface Assigned {
  /** The file's text with what was missing in it. */
  readonly text: string;
  readonly assigned: readonly Assignment[];
}

/**
 * Assigns what is missing in a stack's file.
 * @param file its name in messages
 * @throws ConfigError with what is wrong besides, with places in the file as it is; SeamlessError where a value cannot be written
 */
export function assignIn(text: string, file: string, options: ReadOptions): Assigned {
  const { settings, encrypted, locate } = stackFile(text, file);
  const raw = rawConfig(settings);
  const assigned = missing(raw, options.kinds.coes);
  const filled = assigned.reduce<unknown>(
    (all, { path, value }) => withValue(all, path, value),
    raw,
  );
  parseConfig(isFields(filled) ? filled : {}, {
    locate,
    secrets: rawSecrets(settings, encrypted),
    encrypted: [...misplaced(encrypted), ...unnamed(encrypted)],
    ...options,
  });
  const written = withAssigned(text, assigned);
  // An anchor's map is in the file once, and may be meant twice.
  const again: RawConfig = rawConfig(stackFile(written, file).settings);
  if (!isDeepStrictEqual(sorted(again), sorted(filled)))
    throw new SeamlessError(
      `${file}: what is assigned would not be all that changes, as with a map that has an anchor; write the values by hand: ${assigned.map((one) => `${one.path.join(".")}: ${writtenValue(one)}`).join(", ")}`,
    );
  return { text: written, assigned };
}

function withValue(all: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const map = isFields(all) ? all : {};
  return { ...map, [key]: withValue(map[key], rest, value) };
}

/** Whatever order keys are in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]): [string, unknown] => [key, sorted(one)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
