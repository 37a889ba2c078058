import type { Need, Observation } from "./types";

type Part = Readonly<Record<string, unknown>>;

/**
 * What was seen, with some of it asked again.
 * @param asked what was asked again; what of it has no answer any more is gone
 */
export function merged(
  before: Observation,
  again: Observation,
  asked: ReadonlySet<Need>,
): Observation {
  const parts = new Map<string, Part>(Object.entries(before));
  for (const need of asked) {
    const at = need.indexOf("/");
    const [part, key] = [need.slice(0, at), need.slice(at + 1)];
    const { [key]: _gone, ...rest } = parts.get(part) ?? {};
    parts.set(part, rest);
  }
  for (const [part, entries] of Object.entries<Part>({ ...again }))
    parts.set(part, sorted({ ...parts.get(part), ...entries }));
  return { ...before, ...Object.fromEntries(parts) };
}

function sorted(part: Part): Part {
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
}
