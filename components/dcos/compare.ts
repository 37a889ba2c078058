import { isRecord } from "../../util/json";
/**
 * Where a value that was read back differs from what was asked for, as lines `path: asked X, found Y`. Only what
 * was asked is looked at, since servers add fields; and what they leave out because it is empty or false is as asked.
 */
export function differences(asked: unknown, found: unknown, path: string): readonly string[] {
  if (isNothing(asked) && isNothing(found)) return [];
  if (Array.isArray(asked) && Array.isArray(found) && asked.length === found.length) {
    return asked.flatMap((one, i) => differences(one, found[i], `${path}[${i}]`));
  }
  if (isRecord(asked) && isRecord(found)) {
    return Object.entries(asked).flatMap(([name, value]) =>
      differences(value, found[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (asked === found) return [];
  return [`${path}: asked ${show(asked)}, found ${show(found)}`];
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
