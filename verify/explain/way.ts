import { blockAt, blockOf } from "../../plan/blocks";
import { announcedPrefixes } from "../../plan/services";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { containedIn, podRanges } from "../../util/ranges";
import type { End } from "./types";

/** What one direction of a way is about. */
export interface Trip {
  readonly plan: Plan;
  readonly from: End;
  readonly to: End;
  /** The node that the packet leaves; undefined where nobody knows which it is. */
  readonly source: NodePlan | undefined;
  /** The node that leads to the other end. */
  readonly target: NodePlan | undefined;
  /**
   * The prefix by which the target's node announces the other end: a block of containers, a range of services. Undefined
   * where no route of BGP leads there, as to a host, or to a container of the same node.
   */
  readonly prefix: string | undefined;
  /** The server's port of TCP, where one was named. */
  readonly port?: number;
}

export function nodeById(plan: Plan, id: string | undefined): NodePlan | undefined {
  if (id === undefined) return undefined;
  return Object.values(plan.coes)
    .flatMap(({ nodes }) => Object.values(nodes))
    .find((node) => node.id === id);
}

/** @throws Error for the end of a COE that is not in the plan, which {@link endOf} does not make */
export function coeOf(plan: Plan, { coe }: Pick<End, "coe">): CoePlan {
  const found = plan.coes[coe];
  if (found === undefined) throw new Error(`no COE ${coe} in the plan`);
  return found;
}

/** The block or the range that holds an address of a COE; its first block where no address is known. */
export function prefixFor(
  coe: CoePlan,
  { sort, address: text }: End,
  target?: NodePlan,
): string | undefined {
  if (sort === "host") return undefined;
  const ranges = sort === "service" ? announcedPrefixes(coe) : podRanges(coe);
  if (text === undefined) return sort === "service" ? ranges[0] : blockOf(coe, target);
  const range = ranges.find((one) => containedIn([one], text));
  if (range === undefined) return undefined;
  return sort === "service" ? range : blockAt(coe, text);
}

/** Where an end is, in words. */
export function placeOf({ address: text, name, coe, sort }: End): string {
  if (text === undefined) return name;
  return sort === "host" ? `${name} (${text})` : `${name} of ${coe} (${text})`;
}

/** The trip between two ends, by the nodes that are known for them. */
export function tripOf(
  plan: Plan,
  from: End,
  to: End,
  source: NodePlan | undefined,
  target: NodePlan | undefined,
): Trip {
  const same = source !== undefined && source.id === target?.id;
  const prefix = same ? undefined : prefixFor(coeOf(plan, to), to, target);
  return { plan, from, to, source, target, prefix };
}
