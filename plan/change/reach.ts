import { families } from "../families";
import { admits, describePolicy } from "../policy";
import {
  endsBefore,
  networkOf,
  type Outcome,
  settle,
  type Traits,
  topologyOf,
} from "../propagation";
import { alikeness, grouped } from "../propagation/dead-ends";
import { firstBlocks } from "../propagation/from-plan";
import { sessionsByNode } from "../sessions";
import type { CoePlan, Plan, SessionPlan } from "../types";
import { names } from "./ranges";
import { liveSessions } from "./sessions";
import type { PlanChange, Reach, ReachChange } from "./types";

/** How much of one COE another reaches, and why not all. */
interface Reached {
  readonly reach: Reach;
  readonly why: string;
}

const rank: Readonly<Record<Reach, number>> = { none: 0, some: 1, all: 2 };

/** Which COEs reach less or more of each other, by the model and by their policies. */
export function reachChanges(
  before: Plan,
  after: Plan,
  traits: Traits,
): Pick<PlanChange, "reach" | "reachStays"> {
  const [was, is] = [reachOf(before, traits), reachOf(after, traits)];
  const coes = names(before, after);
  const reach: ReachChange[] = [];
  let reachStays = 0;
  for (const from of coes)
    for (const to of coes) {
      // Inside a COE that joins or leaves there are routes of its own making, too.
      if (from === to && !(isDeployed(before, from) && isDeployed(after, from))) continue;
      const [old, next] = [was(from, to), is(from, to)];
      if (old.reach === next.reach) {
        if (old.reach === "all") reachStays += 1;
        continue;
      }
      const change = rank[next.reach] > rank[old.reach] ? "gained" : "lost";
      const { why } = change === "gained" ? old : next;
      reach.push({ from, to, before: old.reach, after: next.reach, change, why });
    }
  return { reach, reachStays };
}

function isDeployed(plan: Plan, coe: string): boolean {
  return plan.coes[coe]?.deployed === true;
}

/** What the model says of one plan. */
function reachOf(plan: Plan, traits: Traits): (from: string, to: string) => Reached {
  const byNode = sessionsByNode(plan, Object.values(liveSessions(plan)));
  const nodes = new Map(
    Object.values(plan.coes).map((coe) => [coe.name, representatives(plan, coe, byNode)]),
  );
  const all = new Set([...nodes.values()].flat());
  const topology = topologyOf(networkOf(plan, all), traits);
  const blocks = families.map((family) => firstBlocks(plan, all, family));
  const outcomes = new Map<string, Outcome>();
  const outcomeOf = (block: string, origin: string) => {
    const key = `${origin} ${block}`;
    const known = outcomes.get(key) ?? settle(topology, block, [origin]);
    outcomes.set(key, known);
    return known;
  };
  /** Why one node has no path to another's blocks, in a family that both have; undefined where it has one. */
  const missing = (origin: string, receiver: string) => {
    const [end] = blocks.flatMap((ofFamily) => {
      const block = ofFamily.get(origin);
      if (block === undefined || !ofFamily.has(receiver)) return [];
      return endsBefore(topology, outcomeOf(block, origin), origin, receiver);
    });
    if (end === undefined) return undefined;
    const at = end.session === "" ? "" : ` at the session ${end.session}`;
    return `routes of ${origin} do not reach ${receiver}: their path ends${at}: ${end.reason}`;
  };
  return (from, to) => {
    const shut = closed(plan, from, to);
    if (shut !== undefined) return { reach: "none", why: shut };
    const pairs = (nodes.get(from) ?? []).flatMap((one) =>
      (nodes.get(to) ?? []).flatMap((other) => (one === other ? [] : [[one, other] as const])),
    );
    const broken = pairs.flatMap(
      ([one, other]) => missing(other, one) ?? missing(one, other) ?? [],
    );
    const [why] = broken;
    if (why === undefined) return { reach: "all", why: "" };
    return { reach: broken.length === pairs.length ? "none" : "some", why };
  };
}

/** Why nothing of a COE reaches another, whatever its nodes learn; undefined where that depends on them. */
function closed(plan: Plan, from: string, to: string): string | undefined {
  for (const name of [to, from]) {
    const coe = plan.coes[name];
    if (coe === undefined) return `${name} is not in the plan`;
    if (!coe.deployed) return `${name} is not deployed`;
    if (Object.values(coe.nodes).every(({ speaker }) => !speaker))
      return `no node of ${name} speaks BGP`;
  }
  const [sender, receiver] = [plan.coes[from], plan.coes[to]];
  if (sender === undefined || receiver === undefined || admits(receiver, sender)) return undefined;
  return `policy of ${to}: ${describePolicy(receiver)}`;
}

/**
 * Nodes that stand for all of a COE: three of each sort, of which two are in one AS where there are such, and one in
 * another, so that the work does not grow with the number of nodes.
 */
function representatives(
  plan: Plan,
  { nodes, deployed }: CoePlan,
  byNode: ReadonlyMap<string, readonly SessionPlan[]>,
): string[] {
  if (!deployed) return [];
  const own = new Set(Object.values(plan.reflectors).map(({ asn }) => asn));
  const speakers = Object.values(nodes).filter(({ speaker }) => speaker);
  const sorts = grouped(speakers, ({ id, asn }) =>
    [own.has(asn) ? asn : "other", ...alikeness(plan, byNode.get(id) ?? [])].join(),
  );
  return [...sorts.values()].flatMap((sort) => {
    const [first] = sort;
    const same = sort.filter(({ asn }) => asn === first?.asn).slice(0, 2);
    return [...same, ...sort.filter(({ asn }) => asn !== first?.asn).slice(0, 1)].map(
      ({ id }) => id,
    );
  });
}
