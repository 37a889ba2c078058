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

/** What could not be asked: a question that did not get through may do so when it is put again. */
export function unaskedOf(seen: Observation, needs: Iterable<Need>): Need[] {
  const parts = new Map<string, Part>(Object.entries(seen));
  return [...needs].filter((need) => {
    const at = need.indexOf("/");
    const answer = parts.get(need.slice(0, at))?.[need.slice(at + 1)];
    return typeof answer === "object" && answer !== null && "unasked" in answer;
  });
}

/** Asks, and asks again what could not be asked, some times at most. */
export async function askedAgain(
  needs: readonly Need[],
  ask: (needs: readonly Need[]) => Promise<Observation>,
  times = 3,
): Promise<Observation> {
  let seen = await ask(needs);
  for (let more = times - 1; more > 0; more--) {
    const left = unaskedOf(seen, needs);
    if (left.length === 0) break;
    seen = merged(seen, await ask(left), new Set(left));
  }
  return seen;
}
