import { keyIn } from "../../../plan/families";
import type { FencePrefix, Plan } from "../../../plan/types";
import { type Family, prefix as prefixIn } from "../../../util/net";
import { containedIn, podRanges } from "../../../util/ranges";
import type { FrrSelector } from "./types";

/**
 * What the nodes of a COE accept in one family: what nodes may announce, and nothing else. Never all: somebody in the
 * reflector's place could send them a default route. Where nodes have ranges of their own, the COE's range stands for
 * these with their length, so that one node more changes no object of another.
 * @param own whether they learn the routes to each other, too. Somebody else may make those
 */
export function receivable(plan: Plan, coe: string, family: Family, own: boolean): FrrSelector[] {
  const others = Object.values(plan.coes).filter(({ name }) => own || name !== coe);
  const spans = others.flatMap((other) =>
    Object.values(other.nodes).flatMap(({ id }) =>
      (plan.fences[keyIn(id, family)]?.prefixes ?? []).map((span) => {
        const range = podRanges(other).find((one) => containedIn([one], span.cidr));
        return { ...span, cidr: range ?? span.cidr };
      }),
    ),
  );
  const found = new Map(spans.map((span) => [textOf(span), selectorOf(span)]));
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

const textOf = ({ cidr, minLength, maxLength }: FencePrefix) => `${cidr} ${minLength} ${maxLength}`;

/** FRR takes no length that says nothing: one below or at that of the prefix itself. */
function selectorOf({ cidr, minLength, maxLength }: FencePrefix): FrrSelector {
  const { length } = prefixIn(cidr);
  return {
    prefix: cidr,
    ...(minLength > length ? { ge: minLength } : {}),
    ...(maxLength > length ? { le: maxLength } : {}),
  };
}
