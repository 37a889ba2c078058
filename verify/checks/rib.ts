import type { FencePlan, NodePlan, Plan, ReflectorPlan } from "../../plan/types";
import { contains, hostOf, prefix, within } from "../../util/net";
import { deployedSpeakers } from "../coes";
import { everyRib, kernelOf } from "../needs";
import type { Judged, KernelRoute, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { announcer } from "./service";
import { daemonAway } from "./session";

/** What the reflectors hold. */
export function ribChecks(plan: Plan): Judged[] {
  return Object.values(plan.reflectors).map(
    (reflector): Judged => ({
      id: `rib/${reflector.name}`,
      group: "rib",
      title: `${reflector.name} holds only blocks of the plan, each from its own node`,
      needs: [`rib/${reflector.name}`],
      judge: (seen) => judgeRib(plan, reflector, seen),
    }),
  );
}

/** What the nodes hold is known to the reflectors. */
export function originChecks(plan: Plan): Judged[] {
  return deployedSpeakers(plan).map(
    (node): Judged => ({
      id: `rib/origin/${node.id}`,
      group: "rib",
      title: `every block in use on ${node.id} is in the RIB`,
      needs: [...everyRib(plan), kernelOf(node)],
      judge: (seen) => judgeOrigin(plan, node, seen),
    }),
  );
}

/** The RIB holds only prefixes that a fence lets in, each learned from its own node, each with one origin. */
function judgeRib(plan: Plan, reflector: ReflectorPlan, seen: Observation): Verdict {
  const about: About = {
    at: reflector.name,
    expected: "each prefix from the node whose acceptance has it, with that node as its next hop",
    source: "plan: fences",
    cause: "the reflector accepts more than the plan, or somebody has added a path by hand",
    remedy: "run: pulumi up, which reads back what the reflector accepts and puts it right",
  };
  const answer = seen.rib[reflector.name];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, { ...about, ...daemonAway(reflector.name) });
  const fences = new Map(Object.values(plan.fences).map((fence) => [fence.address, fence]));
  if (answer.value.length === 0) return emptyRib(answer.asked);
  const owners = new Map<string, string>();
  const wrong: string[] = [];
  for (const path of answer.value) {
    const fence = fences.get(path.nextHop);
    if (fence === undefined) {
      wrong.push(`${path.prefix} via ${path.nextHop}, which is no planned node`);
    } else if (path.peer !== fence.address) {
      wrong.push(`${path.prefix} via ${path.nextHop} was learned from ${path.peer}`);
    } else if (!allowed(fence, path.prefix)) {
      wrong.push(`${path.prefix} from ${fence.node} is outside ${describe(fence)}`);
    }
    const owner = owners.get(path.prefix);
    const shared = announcer(plan, path.prefix) !== undefined;
    if (owner !== undefined && owner !== path.nextHop && !shared) {
      wrong.push(`${path.prefix} has two owners, ${owner} and ${path.nextHop}`);
    }
    owners.set(path.prefix, path.nextHop);
  }
  return wrong.length === 0
    ? pass(answer.asked, `${owners.size} blocks, all inside the plan`)
    : fail(answer.asked, wrong.join("; "), about);
}

/** Whatever a node holds for its containers must be known to every reflector, or nobody else can reach it. */
function judgeOrigin(plan: Plan, node: NodePlan, seen: Observation): Verdict {
  const about: About = {
    at: node.id,
    expected: `a block from ${node.address} at every reflector for each container on ${node.id}`,
    source: `kernel of ${node.id}`,
    cause: `the session of ${node.id} is down, it does not announce the block, or the reflector refuses it`,
    remedy: `see session/*/${node.id} and rib/* first; then look what the speaker on ${node.id} sends`,
  };
  const routes = seen.routes[node.id];
  if (routes === undefined) return unreachable(about);
  if (!routes.ok) return refused(routes, about);
  const { containers, outside } = containerAddresses(plan, node, routes.value);
  if (outside.length > 0) {
    const planned = ranges(plan, node).join(", ") || "every planned range";
    return fail(
      routes.asked,
      `${outside.join(", ")} outside ${planned}: no other node learns a route to it`,
      {
        ...about,
        expected: `containers in ${ranges(plan, node).join(", ") || "no range at all"}`,
        source: `plan: fences.${node.id}`,
        cause: "there is a pool that is not in the plan, and containers take addresses of it",
        remedy: `add its range to podCidr of the COE, or disable the pool and start the containers again`,
      },
    );
  }
  if (containers.length === 0) return skip(routes.asked, "runs no container of the planned range");
  const missing: string[] = [];
  for (const [name, answer] of Object.entries(seen.rib)) {
    if (!answer.ok) return refused(answer, { ...about, ...daemonAway(name) });
    const own = answer.value.filter((path) => path.nextHop === node.address);
    for (const address of containers) {
      if (!own.some((path) => contains(path.prefix, address)))
        missing.push(`${address} at ${name}`);
    }
  }
  return missing.length === 0
    ? pass(routes.asked, `${containers.length} containers, all covered`)
    : fail(routes.asked, `no block in the RIB for ${missing.join(", ")}`, about);
}

/** Interfaces of containers are called so on the host's side ("interfacePrefix" of Calico, FelixConfiguration). */
const containerInterface = /^(cali|tap)/;

/**
 * Container addresses as the kernel knows them: host routes to an interface. `outside` are those that no acceptance of
 * the node covers, such as containers of a pool that is not planned.
 */
function containerAddresses(
  plan: Plan,
  node: NodePlan,
  routes: readonly KernelRoute[],
): { readonly containers: readonly string[]; readonly outside: readonly string[] } {
  const hosts = routes.filter(
    (route) =>
      hostOf(route.prefix) !== undefined && route.gateways.length === 0 && route.type === "unicast",
  );
  const own = ranges(plan, node);
  const planned = (route: KernelRoute) => own.some((range) => contains(range, route.prefix));
  return {
    containers: hosts.filter(planned).map((route) => route.prefix),
    outside: hosts
      .filter((route) => !planned(route) && containerInterface.test(route.device ?? ""))
      .map((route) => route.prefix),
  };
}

function ranges(plan: Plan, node: NodePlan): string[] {
  return plan.fences[node.id]?.prefixes.map((prefix) => prefix.cidr) ?? [];
}

function allowed(fence: FencePlan, text: string): boolean {
  const found = prefix(text);
  return fence.prefixes.some(
    (range) =>
      within(prefix(range.cidr), found) &&
      found.length >= range.minLength &&
      found.length <= range.maxLength,
  );
}

function describe(fence: FencePlan): string {
  return fence.prefixes
    .map((range) => `${range.cidr} /${range.minLength} to /${range.maxLength}`)
    .join(", ");
}

/** Nothing is proven of an empty table: no node has announced a block yet, or none is accepted any more. */
function emptyRib(asked: string): Verdict {
  return skip(asked, "the RIB is empty: no node announces anything");
}
