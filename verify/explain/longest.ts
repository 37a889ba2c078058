import { prefix } from "../../util/net";

/** The one with the longest prefix; the first of several. */
export function longest<T>(all: readonly T[], prefixOf: (one: T) => string): T | undefined {
  return all.reduce<T | undefined>(
    (best, one) =>
      best === undefined || prefix(prefixOf(one)).length > prefix(prefixOf(best)).length
        ? one
        : best,
    undefined,
  );
}
