import { SeamlessError } from "../../util/errors";
import type { RouterKindName } from "../kinds/names";
import { bird } from "./bird";
import type { RouterKind } from "./contract";
import { frr } from "./frr";
import { gobgp } from "./gobgp";

/** Every kind of reflector. */
export const routerKinds = { bird, frr, gobgp } satisfies Record<RouterKindName, RouterKind>;

/** The kind of reflectors that were made before there were others: their steps do not name it. */
const first: RouterKindName = "gobgp";

/** @throws SeamlessError when there is no such kind. Default: the first kind there was */
export function routerKind(name: string = first): RouterKind {
  const found = Object.entries(routerKinds).find(([known]) => known === name)?.[1];
  if (found === undefined)
    throw new SeamlessError(
      `reflector kind: found ${JSON.stringify(name)}; allowed: ${Object.keys(routerKinds).join(", ")}`,
    );
  return found;
}

/** What a step is told of a kind, where that is not the first. */
export function namedKind(name: string = first): { readonly kind?: string } {
  return name === first ? {} : { kind: name };
}
