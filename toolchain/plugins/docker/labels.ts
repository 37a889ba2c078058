import { createHash } from "node:crypto";
import { z } from "zod";
import type { Path, Value } from "../../../providers/base/provider";

/** Labels as the SDK sends them. */
export const labelList = z.array(z.strictObject({ label: z.string(), value: z.string() }));
type Labels = z.infer<typeof labelList>;

/**
 * Marks what this plugin made, with the resource it made it for. A run that was killed leaves things the engine does
 * not know of; by the mark the next run knows them for its own. Marks are added on the way to Docker and are in no
 * inputs, so they are never a difference.
 */
const mark = "seamless.urn";

/** Marks what was asked for, where something left behind is taken over only if it is just that. */
const specMark = "seamless.spec";

export function labelMap(labels: Labels | undefined, urn: string): Record<string, string> {
  const own = Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value]));
  return { ...own, [mark]: urn };
}

/** Whether labels found on something say that it was made for this resource. */
export function isOurs(labels: Readonly<Record<string, string>> | null, urn: string): boolean {
  return labels?.[mark] === urn;
}

/** A label that stands for all of a description. */
export function specLabel(description: unknown): Record<string, string> {
  const text = JSON.stringify(canonical(description));
  return { [specMark]: createHash("sha256").update(text).digest("hex").slice(0, 16) };
}

/** Whether something was made from just this description. */
export function isAsked(labels: Readonly<Record<string, string>> | null, asked: unknown): boolean {
  return labels?.[specMark] === specLabel(asked)[specMark];
}

/**
 * Whether two lists differ in nothing but their order.
 * @param properties Those whose order means nothing, such as `labels` or `capabilities.adds`.
 */
export function sameSet(properties: readonly string[]) {
  return (path: Path, older: Value, newer: Value): boolean =>
    properties.includes(path.join(".")) &&
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
