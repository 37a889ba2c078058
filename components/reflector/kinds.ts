import { SeamlessError } from "../../util/errors";
import type { RouterAsk } from "../ask/router";
import type { OwnRouterKindName } from "../kinds/names";
import { bird } from "./bird";
import type { RouterKind } from "./contract";
import { jsonAsk } from "./external/json";
import { frr } from "./frr";
import { gobgp } from "./gobgp";

/** Every kind of reflector that we run. */
export const routerKinds = {
  bird,
  frr,
  gobgp,
} satisfies Record<OwnRouterKindName, RouterKind>;

/** Whether we run the reflectors of a kind; others are there, and their owners configure them. */
export function isOwnKind(name: string): boolean {
  return Object.hasOwn(routerKinds, name);
}

/** By the program that answers for a router which we do not run. */
const programs: Readonly<Record<string, RouterAsk>> = { vtysh: frr, birdc: bird, json: jsonAsk };

/** How a reflector is asked. @param name of its kind, or of the program that answers for it */
export function routerAsk(name?: string): RouterAsk {
  const program = name !== undefined && Object.hasOwn(programs, name) ? programs[name] : undefined;
  return program ?? routerKind(name);
}

/** The kind of reflectors that were made before there were others: their steps do not name it. */
const first: OwnRouterKindName = "gobgp";

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
