import { z } from "zod";
import type { Path, Value } from "../base/provider";

/** Labels as the SDK sends them. */
export const labelList = z.array(z.strictObject({ label: z.string(), value: z.string() }));
type Labels = z.infer<typeof labelList>;

/**
 * Marks what this plugin made, with the resource it made it for. A run that was killed leaves things the engine does
 * not know of; by the mark the next run knows them for its own.
 */
const mark = "seamless.urn";

export function labelMap(labels: Labels | undefined, urn: string): Record<string, string> {
  const own = Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value]));
  return { ...own, [mark]: urn };
}

/** Whether labels found on something say that it was made for this resource. */
export function isOurs(labels: Readonly<Record<string, string>> | null, urn: string): boolean {
  return labels?.[mark] === urn;
}

/** Whether two lists differ in nothing but their order; for the properties whose order means nothing. */
export function sameSet(properties: readonly string[]) {
  return (path: Path, older: Value, newer: Value): boolean =>
    path.length === 1 &&
    properties.includes(String(path[0])) &&
    Array.isArray(older) &&
    Array.isArray(newer) &&
    sorted(older) === sorted(newer);
}

function sorted(list: readonly unknown[]): string {
  return JSON.stringify(list.map((item) => JSON.stringify(canonical(item))).sort());
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
