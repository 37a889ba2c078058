/** A JSON object that is looked at no closer. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells what has named fields from lists, null and single values. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that is an object; empty where it is something else. */
export function recordAt(value: JsonObject, key: string): Record<string, unknown> {
  const inner = value[key];
  return isRecord(inner) ? inner : {};
}

/** The objects of a list; none where it is something else. */
export function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Objects are merged into each other; anything else, lists included, takes the place of what was there. */
export function mergeDeep(under: JsonObject, over: JsonObject): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isRecord(below) && isRecord(value) ? mergeDeep(below, value) : value;
  }
  return merged;
}
