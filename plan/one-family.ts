/** A plan of both families seen as one of a single family: what packets of that family meet. */
import { type Family, familyOf } from "../util/net";
import {
  blockSizeIn,
  inFamily,
  listOf,
  oneOrList,
  podRanges,
  type Ranges,
  supernets,
} from "../util/ranges";
import { type Addressed, addressOf, families, familyName } from "./families";
import type { AnnouncedRanges, CoePlan, NodePlan, Plan, ReflectorPlan } from "./types";

/** The families that ranges of containers have, in order. */
export function familiesIn({ coes }: Pick<Plan, "coes">): readonly Family[] {
  const ranges = Object.values(coes).flatMap(podRanges);
  return families.filter((family) => inFamily(ranges, family).length > 0);
}

/** The families of one COE's containers, in order. */
export function familiesOfCoe(coe: Pick<CoePlan, "podCidr">): readonly Family[] {
  return families.filter((family) => inFamily(podRanges(coe), family).length > 0);
}

const known = new WeakMap<Plan, Map<Family, Plan>>();

/**
 * The plan as far as it is about one family: COEs, nodes and reflectors that have it, by their addresses of it. Names and keys
 * stay. The plan itself where it has that family alone.
 */
export function planIn(plan: Plan, family: Family): Plan {
  const made = known.get(plan) ?? new Map<Family, Plan>();
  known.set(plan, made);
  const one = made.get(family) ?? (hasOnly(plan, family) ? plan : part(plan, family));
  made.set(family, one);
  return one;
}

function hasOnly(plan: Plan, family: Family): boolean {
  const both = [...Object.values(plan.reflectors), ...nodesOf(plan)];
  return familiesIn(plan).join() === String(family) && both.every((one) => fits(one, family));
}

function fits({ address, address6 }: Addressed, family: Family): boolean {
  return address6 === undefined && familyOf(address) === family;
}

function nodesOf({ coes }: Plan): NodePlan[] {
  return Object.values(coes).flatMap(({ nodes }) => Object.values(nodes));
}

function part(plan: Plan, family: Family): Plan {
  const { supernet: _, nodeNetwork, nodeAcceptance, ...rest } = plan;
  const range = oneOrList(inFamily(supernets(plan), family));
  return {
    ...rest,
    ...(range === undefined ? {} : { supernet: range }),
    nodeNetwork: inFamily(listOf(nodeNetwork), family),
    ...(nodeAcceptance === undefined
      ? {}
      : { nodeAcceptance: nodeAcceptance.filter(({ cidr }) => familyOf(cidr) === family) }),
    coes: mapped(plan.coes, (coe) => coeIn(coe, family)),
    reflectors: mapped(plan.reflectors, (one) => reflectorIn(one, family)),
    sessions: mapped(plan.sessions, (one) =>
      one.families.includes(familyName[family]) ? one : undefined,
    ),
    fences: mapped(plan.fences, (one) => (familyOf(one.address) === family ? one : undefined)),
  };
}

function mapped<T>(
  record: Readonly<Record<string, T>>,
  map: (one: T) => T | undefined,
): Readonly<Record<string, T>> {
  const entries = Object.entries(record).flatMap(([name, one]): [string, T][] => {
    const kept = map(one);
    return kept === undefined ? [] : [[name, kept]];
  });
  return Object.fromEntries(entries);
}

/** A node by its address of a family alone; undefined where it has none. */
export function nodeIn(node: NodePlan, family: Family): NodePlan | undefined {
  const { address6: _, podCidr, ...rest } = node;
  const address = addressOf(node, family);
  if (address === undefined) return undefined;
  const own = rangesIn(podCidr, family);
  return { ...rest, address, ...(own === undefined ? {} : { podCidr: own }) };
}

function reflectorIn(reflector: ReflectorPlan, family: Family): ReflectorPlan | undefined {
  const { address6: _, ...rest } = reflector;
  const address = addressOf(reflector, family);
  return address === undefined ? undefined : { ...rest, address };
}

/** The ranges and the nodes of a COE that are of a family; undefined where its containers have no address of it. */
function coeIn(coe: CoePlan, family: Family): CoePlan | undefined {
  const ranges = inFamily(podRanges(coe), family);
  const [first] = ranges;
  const podCidr = oneOrList(ranges);
  if (first === undefined || podCidr === undefined) return undefined;
  const { retiring, serviceCidr: _, blockSize6: _six, ...rest } = coe;
  const services = rangesIn(coe.serviceCidr, family);
  return {
    ...rest,
    podCidr,
    ...(retiring === undefined ? {} : { retiring: inFamily(retiring, family) }),
    ...(services === undefined ? {} : { serviceCidr: services }),
    announced: announcedIn(coe.announced, family),
    blockSize: blockSizeIn(coe, first),
    nodes: mapped(coe.nodes, (node) => nodeIn(node, family)),
  };
}

function rangesIn(ranges: Ranges | undefined, family: Family): Ranges | undefined {
  return oneOrList(inFamily(listOf(ranges), family));
}

function announcedIn(announced: AnnouncedRanges, family: Family): AnnouncedRanges {
  return mapped(announced, (ranges) => rangesIn(ranges, family));
}
