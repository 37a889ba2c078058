import { contains, prefix } from "../../util/net";
import type { KernelRoute } from "../types";

/** The route that a kernel takes for an address: the longest prefix that holds it. */
export function routeFor(routes: readonly KernelRoute[], address: string): KernelRoute | undefined {
  return longest(
    routes.filter((route) => contains(route.prefix, address)),
    (route) => route.prefix,
  );
}

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
