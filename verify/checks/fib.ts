import { learnsOwnRoutes, routeProtocolOf } from "../../components/kinds/traits";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { overlap, prefix } from "../../util/net";
import { containerSpace } from "../../util/ranges";
import { deployedCoes, speakersOf } from "../coes";
import { everyIpam, expectedAt, ipamSource, originsOf } from "../expected";
import { everyRib, kernelOf } from "../needs";
import { writeRoute } from "../route";
import type { Judged, KernelRoute, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { announcer, wrongServiceRoutes } from "./service";
import { daemonAway } from "./session";

/** What the kernels of the nodes hold. */
export function fibChecks(plan: Plan): Judged[] {
  return deployedCoes(plan).flatMap((coe) =>
    speakersOf(coe).map(
      (node): Judged => ({
        id: `fib/${node.id}`,
        group: "fib",
        title: `the kernel of ${node.id} has every other node's block`,
        needs: [kernelOf(node), ...everyIpam(plan), ...everyRib(plan)],
        judge: (seen) => judgeFib(plan, coe, node, seen),
      }),
    ),
  );
}

/** Each other node's block is in this node's kernel: put there by its speaker, via that node and nothing else. */
function judgeFib(plan: Plan, coe: CoePlan, node: NodePlan, seen: Observation): Verdict {
  const about: About = {
    at: node.id,
    expected: "a route to every other node's block, put there by the speaker, via that node",
    source: `${ipamSource(deployedCoes(plan).map(({ name }) => name))}, and the model`,
    cause: `the session of ${node.id} is down, its speaker filters or does not install what it learns, or somebody has changed routes by hand`,
    remedy: `see session/*/${node.id} first; then restart the speaker on ${node.id}, and remove routes that were added by hand`,
  };
  const routes = seen.routes[node.id];
  if (routes === undefined) return unreachable(about);
  if (!routes.ok) return refused(routes, about);
  const protocol = routeProtocolOf(coe);
  const { all, silent } = originsOf(plan, seen);
  const hops = expectedHops(plan, node, seen);
  const wrong = new Set<string>();
  for (const [text, expected] of hops) {
    const route = routes.value.find((one) => one.prefix === text);
    const should = `should be via ${expected.map(({ nextHop }) => nextHop).join(" or ")}`;
    if (route === undefined) wrong.add(`no route to ${text} (${should})`);
    else if (!expected.some(({ gateway }) => isLearned(route, protocol, gateway)))
      wrong.add(`${writeRoute(route)} (${should} proto ${protocol})`);
  }
  for (const [name, answer] of Object.entries(seen.rib)) {
    if (!answer.ok) return refused(answer, { ...about, ...daemonAway(name) });
    for (const line of wrongServiceRoutes(plan, node, protocol, answer.value, routes.value))
      wrong.add(line);
  }
  // Of a COE that did not answer nobody knows its blocks.
  const whole = Object.keys(silent).length === 0;
  const given = new Set(all.map((origin) => origin.prefix));
  for (const route of learnedRoutes(plan, protocol, routes.value))
    if (whole && !given.has(route.prefix) && announcer(plan, route.prefix) === undefined)
      wrong.add(`${writeRoute(route)}, which is no block that IPAM has given out`);
  if (wrong.size > 0) return fail(routes.asked, [...wrong], about);
  const [refusal] = Object.values(silent);
  if (refusal !== undefined) return refused(refusal, about);
  if (!whole) return unreachable(about);
  return hops.size === 0
    ? skip(routes.asked, "IPAM has given no block to another node yet")
    : pass(routes.asked, `${hops.size} routes proto ${protocol}, next hops as planned`);
}

interface Hop {
  readonly nextHop: string;
  readonly gateway?: string;
}

/** Whether a node has the route to another one of its COE from somebody else than its speaker. */
function isElsewhere({ coes }: Plan, node: NodePlan, other: NodePlan): boolean {
  const coe = Object.values(coes).find(({ nodes }) => nodes[node.name]?.id === node.id);
  return coe !== undefined && coe.nodes[other.name]?.id === other.id && !learnsOwnRoutes(coe);
}

/** By prefix of other nodes, the next hops that it may have; several where IPAM has given it to several. */
function expectedHops(plan: Plan, node: NodePlan, seen: Observation): Map<string, Hop[]> {
  const { all } = originsOf(plan, seen);
  const own = new Set(
    all.filter((origin) => origin.node.id === node.id).map((origin) => origin.prefix),
  );
  const hops = new Map<string, Hop[]>();
  for (const origin of all) {
    if (own.has(origin.prefix)) continue;
    if (isElsewhere(plan, node, origin.node)) continue;
    const expected = expectedAt(plan, node.id, origin);
    // That a block reaches nobody is told of by its own check.
    if ("ends" in expected) continue;
    hops.set(origin.prefix, [...(hops.get(origin.prefix) ?? []), expected]);
  }
  return hops;
}

/** @param gateway undefined where the packets go by a router between networks, whichever that is */
function isLearned(
  { type, protocol, gateways }: KernelRoute,
  expected: string | undefined,
  gateway: string | undefined,
): boolean {
  return (
    type === "unicast" &&
    protocol === expected &&
    gateways.length === 1 &&
    (gateway === undefined || gateways[0] === gateway)
  );
}

/** What the speaker has learned of containers, or of all there is, from routers of the plan. */
function learnedRoutes(
  plan: Plan,
  protocol: string | undefined,
  routes: readonly KernelRoute[],
): KernelRoute[] {
  const space = containerSpace(plan).map(prefix);
  const routers = new Set(
    Object.values(plan.sessions).flatMap(({ a, b }) => [a.address, b.address]),
  );
  return routes.filter((route) => {
    if (route.protocol !== protocol || route.gateways.length === 0) return false;
    const one = prefix(route.prefix);
    const inside = space.some((range) => overlap(range, one));
    return inside && (one.length > 0 || route.gateways.some((gateway) => routers.has(gateway)));
  });
}
