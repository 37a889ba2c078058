import type { RouterPath } from "../../components/ask/router";
import { announceable } from "../../plan/families";
import { inSpan, spansText } from "../../plan/spans";
import type { CoePlan, FencePlan, NodePlan, Plan, ReflectorPlan } from "../../plan/types";
import { hostOf, prefix } from "../../util/net";
import { containedIn } from "../../util/ranges";
import { deployedCoes, speakersOf } from "../coes";
import {
  everyIpam,
  expectedAt,
  ipamOf,
  ipamSource,
  type Origin,
  type Origins,
  originsOf,
} from "../expected";
import { everyRib, kernelOf } from "../needs";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { announcer } from "./service";
import { daemonAway } from "./session";
import { askedOf, notAsked, ownPaths } from "./unread";

/** What the reflectors hold. */
export function ribChecks(plan: Plan): Judged[] {
  return Object.values(plan.reflectors).map(
    (reflector): Judged => ({
      id: `rib/${reflector.name}`,
      group: "rib",
      title: `${reflector.name} holds only blocks that IPAM has given out, each from its own node`,
      needs: askedOf(reflector, `rib/${reflector.name}`, ...everyIpam(plan)),
      judge: (seen) => judgeRib(plan, reflector, seen),
    }),
  );
}

/** What nodes own by their IPAM is known to the reflectors. */
export function originChecks(plan: Plan): Judged[] {
  return deployedCoes(plan).flatMap((coe) =>
    speakersOf(coe).map(
      (node): Judged => ({
        id: `rib/origin/${node.id}`,
        group: "rib",
        title: `every block that IPAM has given to ${node.id} is in the RIB, with ${node.address} as next hop`,
        needs: [...everyRib(plan), ...ipamOf(coe), kernelOf(node), `speakers/${node.id}`],
        judge: (seen) => judgeOrigin(plan, coe, node, seen),
      }),
    ),
  );
}

/** The RIB holds only prefixes that a fence lets in, each learned from its own node, each with one origin. */
function judgeRib(plan: Plan, reflector: ReflectorPlan, seen: Observation): Verdict {
  const about: About = {
    at: reflector.name,
    expected:
      "each prefix from the node that IPAM has given it to and whose acceptance has it, with that node as its next hop",
    source: `${ipamSource(deployedCoes(plan).map(({ name }) => name))}, plan: fences`,
    cause: "the reflector accepts more than the plan, or somebody has added a path by hand",
    remedy: `see acceptance/${reflector.name} first; restart its daemon, which forgets what was added by hand`,
  };
  const unasked = notAsked(reflector);
  if (unasked !== undefined) return unasked;
  const answer = seen.rib[reflector.name];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, { ...about, ...daemonAway(reflector.name) });
  const paths = ownPaths(plan, reflector, answer.value);
  const fences = new Map(Object.values(plan.fences).map((fence) => [fence.address, fence]));
  if (paths.length === 0) return emptyRib(answer.asked);
  const { all, silent } = originsOf(plan, seen);
  const owners = new Map<string, string>();
  const wrong: string[] = [];
  const announcing = new Map<string, string>();
  for (const path of paths) {
    const fence = fences.get(path.nextHop);
    if (fence === undefined) {
      wrong.push(`${path.prefix} via ${path.nextHop}, which is no planned node`);
    } else if (path.peer !== fence.address) {
      const from =
        path.peer === "" ? "was added on the reflector itself" : `was learned from ${path.peer}`;
      wrong.push(`${path.prefix} via ${path.nextHop} ${from}`);
    } else if (!allowed(fence, path.prefix)) {
      wrong.push(`${path.prefix} from ${fence.node} is outside ${describe(fence)}`);
    } else if (
      announcer(plan, path.prefix) === undefined &&
      !isGiven(plan, all, silent, fence, path)
    ) {
      const text = `${path.prefix} from ${fence.node}, to which IPAM has not given it`;
      wrong.push(text);
      announcing.set(text, fence.node);
    }
    const owner = owners.get(path.prefix);
    const shared = announcer(plan, path.prefix) !== undefined;
    if (owner !== undefined && owner !== path.nextHop && !shared && !isDouble(all, path, owner)) {
      wrong.push(`${path.prefix} has two owners, ${owner} and ${path.nextHop}`);
    }
    owners.set(path.prefix, path.nextHop);
  }
  if (wrong.length > 0) {
    const nodes = new Set(wrong.map((text) => announcing.get(text)));
    const byNodes = !nodes.has(undefined);
    const named = [...nodes].flatMap((node) => node ?? []);
    return fail(answer.asked, wrong, byNodes ? announced(about, named) : about);
  }
  const [refusal] = Object.values(silent);
  if (refusal !== undefined) return refused(refusal, about);
  return pass(answer.asked, `${owners.size} blocks, all given out by IPAM`);
}

/** What a node itself announces is no matter of the reflector, as long as it is one that it may accept. */
function announced(about: About, nodes: readonly string[]): About {
  const who = nodes.join(", ");
  return {
    ...about,
    at: `${who} -> ${about.at}`,
    cause: `${who} announces what is not its own: a route to it by a container's link, or a record of IPAM that is gone`,
    remedy: `on ${who}: ip route show, and look which container has the address`,
  };
}

/** Whether IPAM itself has given a prefix to two nodes: that is told of by its own check, and no matter of the reflector. */
function isDouble(all: readonly Origin[], { prefix: text, nextHop }: RouterPath, owner: string) {
  const given = all.filter(({ prefix: one }) => one === text).map(({ node }) => node.address);
  return given.includes(nextHop) && given.includes(owner);
}

/**
 * Whether IPAM has given a prefix to the node, or to a node of the rack whose router it is from; of a COE that did not answer
 * nothing is known.
 */
function isGiven(
  { reflectors }: Plan,
  all: readonly Origin[],
  silent: Origins["silent"],
  { node: id }: FencePlan,
  { prefix: text }: RouterPath,
): boolean {
  const router = reflectors[id];
  const given = all.filter(({ prefix: one }) => one === text);
  if (router !== undefined)
    return Object.keys(silent).length > 0 || given.some(({ node }) => node.rack === router.rack);
  return id.slice(0, id.indexOf("/")) in silent || given.some(({ node }) => node.id === id);
}

/** What a node owns must be known to every reflector, or nobody else can reach it. */
function judgeOrigin(plan: Plan, coe: CoePlan, node: NodePlan, seen: Observation): Verdict {
  const about: About = {
    at: node.id,
    expected: `each block of ${node.id} at every reflector, with next hop ${node.address}`,
    source: `${ipamSource([coe.name])}, and the model`,
    cause: `the session of ${node.id} is down, it does not announce the block, or the reflector refuses it`,
    remedy: `see session/*/${node.id} and rib/* first; then look what the speaker on ${node.id} sends`,
  };
  const [blocks, containers] = [seen.blocks[coe.name], seen.containers[coe.name]];
  if (blocks === undefined || containers === undefined) return unreachable(about);
  if (!blocks.ok) return refused(blocks, about);
  if (!containers.ok) return refused(containers, about);
  const unknown = outsideContainers(plan, node, seen.routes[node.id]);
  if (unknown !== undefined) return unknown;
  const own = originsOf(plan, seen).all.filter((origin) => origin.node.id === node.id);
  if (own.length === 0) return skip(blocks.asked, "IPAM has given it no block yet");
  const missing: string[] = [];
  const causes = new Set<string>();
  const asked = Object.values(plan.reflectors).filter(({ unread }) => unread !== true);
  const [unread] = Object.values(plan.reflectors).flatMap((one) => notAsked(one) ?? []);
  if (asked.length === 0 && unread !== undefined) return unread;
  for (const { name } of asked) {
    const answer = seen.rib[name];
    if (answer === undefined) return unreachable({ ...about, at: name });
    if (!answer.ok) return refused(answer, { ...about, ...daemonAway(name) });
    for (const origin of own) {
      const fault = originFault(plan, name, origin, answer.value);
      if (fault === undefined) continue;
      missing.push(fault);
      for (const cause of causesOf(plan, name, origin, seen)) causes.add(cause);
    }
  }
  if (missing.length === 0) return pass(blocks.asked, described(own));
  const cause = causes.size === 0 ? about.cause : [...causes].join("; ");
  return fail(blocks.asked, missing, {
    ...about,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Interfaces of containers are called so on the host's side ("interfacePrefix" of Calico, FelixConfiguration). */
const containerInterface = /^(cali|tap)/;

/** Containers that the kernel has a route to, whether the COE knows them or not: nobody else learns a route to them. */
function outsideContainers(
  plan: Plan,
  node: NodePlan,
  routes: Observation["routes"][string] | undefined,
): Verdict | undefined {
  if (routes?.ok !== true) return undefined;
  const own = [...new Set(announceable(plan, node).map(({ cidr }) => cidr))];
  const outside = routes.value.filter(
    ({ prefix: text, gateways, type, device }) =>
      hostOf(text) !== undefined &&
      gateways.length === 0 &&
      type === "unicast" &&
      containerInterface.test(device ?? "") &&
      !containedIn(own, text),
  );
  if (outside.length === 0) return undefined;
  const planned = own.join(", ");
  return fail(
    routes.asked,
    `${outside.map((route) => route.prefix).join(", ")} outside ${planned || "every planned range"}: no other node learns a route to it`,
    {
      at: node.id,
      expected: `containers in ${planned || "no range at all"}`,
      source: `plan: fences.${node.id}`,
      cause: "there is a pool that is not in the plan, and containers take addresses of it",
      remedy:
        "add its range to podCidr of the COE, or disable the pool and start the containers again",
    },
  );
}

/** What is wrong with what a reflector has of a prefix. */
function originFault(
  plan: Plan,
  reflector: string,
  origin: Origin,
  rib: readonly RouterPath[],
): string | undefined {
  const { prefix: text, node, borrower } = origin;
  const what = borrower === undefined ? text : `${text} (${borrower}, of another node's block)`;
  const expected = expectedAt(plan, reflector, origin);
  if ("ends" in expected) return `${what} ends before ${reflector}: ${expected.ends}`;
  const found = rib.filter((path) => path.prefix === text);
  if (found.some((path) => path.nextHop === expected.nextHop)) return undefined;
  if (found.length === 0) return `no ${what} from ${node.address} at ${reflector}`;
  const hops = [...new Set(found.map((path) => path.nextHop))].join(", ");
  return `${what} at ${reflector} is via ${hops} (should be via ${expected.nextHop})`;
}

/** Which end of the session has lost the prefix, by what the node itself says that it sends. */
function causesOf(plan: Plan, reflector: string, origin: Origin, seen: Observation): string[] {
  const { node, prefix: text } = origin;
  if ("ends" in expectedAt(plan, reflector, origin))
    return [
      "the block is in no range that the plan has the reflector accept: a pool beside the plan",
    ];
  const answer = seen.speakers[node.id];
  const address = plan.reflectors[reflector]?.address;
  if (answer?.ok !== true || address === undefined) return [];
  const session = answer.value.sessions.find((one) => one.address === address);
  if (session?.state !== "Established") return [`${node.id} has no session with ${reflector}`];
  return session.exported.includes(text)
    ? [`${node.id} sends ${text}, and ${reflector} does not take it: see acceptance/${reflector}`]
    : [`${node.id} does not send ${text}: its speaker has not read it, or filters it`];
}

function described(own: readonly Origin[]): string {
  const lent = own.filter(({ borrower }) => borrower !== undefined).length;
  const blocks = `${own.length - lent} blocks of IPAM`;
  return lent === 0 ? blocks : `${blocks}, and ${lent} addresses of other nodes' blocks`;
}

function allowed(fence: FencePlan, text: string): boolean {
  const found = prefix(text);
  return fence.prefixes.some((span) => inSpan(span, found));
}

function describe(fence: FencePlan): string {
  return spansText(fence.prefixes);
}

/** Nothing is proven of an empty table: no node has announced a block yet, or none is accepted any more. */
function emptyRib(asked: string): Verdict {
  return skip(asked, "the RIB is empty: no node announces anything");
}
