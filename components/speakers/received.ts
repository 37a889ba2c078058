import { keyIn } from "../../plan/families";
import type { FencePrefix, Plan } from "../../plan/types";
import type { Family } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";

/**
 * What nodes may take from a reflector in one family: what nodes may announce, each with its exact lengths. Where nodes have
 * ranges of their own, the COE's range stands for these with their length, so that one node more changes no file of another.
 * @param but the COE whose nodes' ranges are left out. Default: none
 */
export function receivedOf(plan: Plan, but: string | undefined, family: Family): FencePrefix[] {
  const others = Object.values(plan.coes).filter(({ name }) => name !== but);
  const spans = others.flatMap((other) =>
    Object.values(other.nodes).flatMap(({ id }) =>
      (plan.fences[keyIn(id, family)]?.prefixes ?? []).map((span) => {
        const range = podRanges(other).find((one) => containedIn([one], span.cidr));
        return { ...span, cidr: range ?? span.cidr };
      }),
    ),
  );
  const found = new Map(spans.map((span) => [textOf(span), span]));
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

const textOf = ({ cidr, minLength, maxLength }: FencePrefix) => `${cidr} ${minLength} ${maxLength}`;
