import type { RouterPath } from "../../components/ask/router";
import type { NodePlan, Plan } from "../../plan/types";
import { containedIn, containerSpace } from "../../util/ranges";
import { deployedSpeakers } from "../coes";
import { everyRib, kernelOf } from "../needs";
import { writeRoute } from "../route";
import type { Judged, KernelRoute, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { announcer, wrongServiceRoutes } from "./service";
import { daemonAway } from "./session";

/** What the kernels of the nodes hold. */
export function fibChecks(plan: Plan): Judged[] {
  return deployedSpeakers(plan).map(
    (node): Judged => ({
      id: `fib/${node.id}`,
      group: "fib",
      title: `the kernel of ${node.id} has every other node's block`,
      needs: [...everyRib(plan), kernelOf(node)],
      judge: (seen) => judgeFib(plan, node, seen),
    }),
  );
}

/** Each other node's block is in this node's kernel: put there by BIRD, via that node and nothing else. */
function judgeFib(plan: Plan, node: NodePlan, seen: Observation): Verdict {
  const about: About = {
    at: node.id,
    expected: "a route to every other node's block, put there by the speaker, via that node",
    source: "plan and RIB",
    cause: `the session of ${node.id} is down, its speaker filters or does not install what it learns, or somebody has changed routes by hand`,
    remedy: `see session/*/${node.id} first; then restart the speaker on ${node.id}, and remove routes that were added by hand`,
  };
  const routes = seen.routes[node.id];
  if (routes === undefined) return unreachable(about);
  if (!routes.ok) return refused(routes, about);
  const expected = new Map<string, string>();
  const wrong = new Set<string>();
  for (const [name, answer] of Object.entries(seen.rib)) {
    if (!answer.ok) return refused(answer, { ...about, ...daemonAway(name) });
    for (const path of othersPaths(plan, node, answer.value))
      expected.set(path.prefix, path.nextHop);
    for (const line of wrongServiceRoutes(plan, node, answer.value, routes.value)) wrong.add(line);
  }
  const others = Object.values(seen.rib).some(
    (answer) => answer.ok && answer.value.some((path) => path.nextHop !== node.address),
  );
  for (const [prefix, nextHop] of expected) {
    const route = routes.value.find((one) => one.prefix === prefix);
    if (route === undefined) wrong.add(`no route to ${prefix} (should be via ${nextHop})`);
    else if (!isLearned(route, nextHop))
      wrong.add(`${writeRoute(route)} (should be via ${nextHop} proto bird)`);
  }
  for (const route of strayRoutes(plan, expected, routes.value)) {
    wrong.add(`${writeRoute(route)} is in no reflector's RIB`);
  }
  if (!others && wrong.size === 0)
    return skip(routes.asked, "no other node announces anything yet");
  return wrong.size === 0
    ? pass(routes.asked, `${expected.size} routes proto bird, next hops as planned`)
    : fail(routes.asked, [...wrong].join("; "), about);
}

function isLearned(route: KernelRoute, nextHop: string): boolean {
  return (
    route.type === "unicast" &&
    route.protocol === "bird" &&
    route.gateways.length === 1 &&
    route.gateways[0] === nextHop
  );
}

function othersPaths(plan: Plan, node: NodePlan, rib: readonly RouterPath[]): RouterPath[] {
  const others = new Set(
    Object.values(plan.fences)
      .filter((fence) => fence.address !== node.address)
      .map((fence) => fence.address),
  );
  return rib.filter(
    (path) => others.has(path.nextHop) && announcer(plan, path.prefix) === undefined,
  );
}

/** Learned routes to containers that no reflector has: left over from a block or node that is gone. */
function strayRoutes(
  plan: Plan,
  expected: ReadonlyMap<string, string>,
  routes: readonly KernelRoute[],
): KernelRoute[] {
  return routes.filter(
    (route) =>
      route.protocol === "bird" &&
      route.gateways.length > 0 &&
      containedIn(containerSpace(plan), route.prefix) &&
      !expected.has(route.prefix),
  );
}
