import type { FencePrefix, Plan } from "../../../plan/types";
import { type Family, prefix as prefixIn } from "../../../util/net";
import { receivedOf } from "../received";
import type { FrrSelector } from "./types";

/**
 * What the nodes of a COE accept in one family: what nodes may announce, and nothing else. Never all: somebody in the
 * reflector's place could send them a default route.
 * @param own whether they learn the routes to each other, too. Somebody else may make those
 */
export function receivable(plan: Plan, coe: string, family: Family, own: boolean): FrrSelector[] {
  return receivedOf(plan, own ? undefined : coe, family).map(selectorOf);
}

/** FRR takes no length that says nothing: one below or at that of the prefix itself. */
function selectorOf({ cidr, minLength, maxLength }: FencePrefix): FrrSelector {
  const { length } = prefixIn(cidr);
  return {
    prefix: cidr,
    ...(minLength > length ? { ge: minLength } : {}),
    ...(maxLength > length ? { le: maxLength } : {}),
  };
}
