import type { KindProbe } from "../../components/contract/probe";
import type { Need } from "../types";

/** Whoever can be asked about the COEs; made once, used for every round. */
export type Probes = Readonly<Record<string, KindProbe>>;

/** What is to be asked; the rest is left alone. */
export type Needed = ReadonlySet<Need>;

/** Maps entries to a record at the same time, keeping their keys. */
export async function each<E extends readonly [string, unknown], T>(
  entries: readonly E[],
  get: (entry: E) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(
    await Promise.all(entries.map(async (entry) => [entry[0], await get(entry)] as const)),
  );
}
