import { blockAt, blockOf, nodeAt } from "../plan/blocks";
import { familiesOfCoe } from "../plan/one-family";
import { announcedPrefixes, announcersOf } from "../plan/services";
import type { CoePlan, NodePlan, Plan } from "../plan/types";
import { contains, type Family, familyOf, parseAddress } from "../util/net";
import { podRanges } from "../util/ranges";

/** One end of a packet's path, as the plan knows it. */
export interface PathEnd {
  readonly coe: CoePlan;
  readonly node: NodePlan;
  /** What sends or gets the packet, in words. */
  readonly what: string;
  /** What nodes have a route to: a block, or a range of services. */
  readonly prefix: string;
  /** Said where the plan does not know all of it. */
  readonly note?: string;
}

/**
 * What somebody means by an end of a path: a COE, a node as `<coe>/<node>`, or an address.
 * @returns undefined where the plan has no such thing, or nothing on it speaks BGP
 */
export function pathEnd(plan: Plan, given: string): PathEnd | undefined {
  const coes = Object.values(plan.coes);
  const named = coes.find(({ name }) => name === given);
  if (named !== undefined) return anyContainer(named, `a container of ${named.name}`);
  for (const coe of coes) {
    const node = Object.values(coe.nodes).find(({ id }) => id === given);
    if (node?.speaker)
      return { coe, node, what: `a container on ${node.id}`, prefix: blockOf(coe, node) };
  }
  return parseAddress(given) === undefined ? undefined : atAddress(coes, given);
}

function atAddress(coes: readonly CoePlan[], given: string): PathEnd | undefined {
  for (const coe of coes) {
    const range = podRanges(coe).find((one) => contains(one, given));
    if (range !== undefined) {
      const what = `the container ${given} of ${coe.name}`;
      const node = nodeAt(coe, given);
      if (node !== undefined) return { coe, node, what, prefix: blockAt(coe, given) };
      const end = anyContainer(coe, what);
      return end === undefined ? undefined : { ...end, prefix: blockAt(coe, given) };
    }
    const services = announcedPrefixes(coe).find((one) => contains(one, given));
    const [node, ...more] = announcersOf(coe);
    if (services !== undefined && node !== undefined) {
      const what = `the service ${given} of ${coe.name}`;
      const note = `${more.length + 1} nodes of ${coe.name} announce ${services}; one of them is shown.`;
      return { coe, node, what, prefix: services, ...(more.length === 0 ? {} : { note }) };
    }
  }
  return undefined;
}

/** On the first node that speaks BGP: which node a container is on is not planned. */
function anyContainer(coe: CoePlan, what: string): PathEnd | undefined {
  const [node, ...more] = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  if (node === undefined) return undefined;
  const note = `The plan does not say on which node of ${coe.name} the container is; ${node.id} is shown.`;
  return { coe, node, what, prefix: blockOf(coe, node), ...(more.length === 0 ? {} : { note }) };
}

/**
 * The family of a packet between two ends: that of an address that is given, else IPv4 where both COEs have it.
 * @param six whether IPv6 is asked for
 */
export function pathFamily(
  ends: readonly [PathEnd, PathEnd],
  given: readonly string[],
  six: boolean,
): Family {
  const address = given.find((one) => parseAddress(one) !== undefined);
  if (address !== undefined) return familyOf(address) ?? 4;
  const [one, other] = ends.map(({ coe }) => familiesOfCoe(coe));
  const common = one?.filter((family) => other?.includes(family)) ?? [];
  return six || !common.includes(4) ? 6 : 4;
}

/** What may be given as an end, for messages. */
export function endsAllowed(plan: Plan): string {
  const names = Object.keys(plan.coes).sort().join(", ");
  return `a COE (${names}), a node that speaks BGP as <coe>/<node>, or an address of a container or a service`;
}
