import type { RouterPath } from "../../components/ask/router";
import type { ServiceRange } from "../../components/ask/types";
import { addressesOf } from "../../plan/families";
import { announcedPrefixes, announcersOf } from "../../plan/services";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { containedIn, listOf } from "../../util/ranges";
import { announcedRanges, deployedCoes, pairs } from "../coes";
import { everyRib, getService } from "../needs";
import type { Judged, KernelRoute, Observation, Verdict } from "../types";
import { type About, fail, pass, type Refusal, refused, skip } from "../verdict";
import { daemonAway } from "./session";

/** The nodes that lead to services announce them. */
export function serviceRouteChecks(plan: Plan): Judged[] {
  return deployedCoes(plan)
    .filter((coe) => announcedRanges(coe).length > 0)
    .map(
      (coe): Judged => ({
        id: `rib/services/${coe.name}`,
        group: "rib",
        title: `${coe.balancers?.join(", ") ?? "every node"} of ${coe.name} announces ${announcedPrefixes(coe).join(", ")}`,
        needs: everyRib(plan),
        judge: (seen) => judgeAnnounced(coe, announcersOf(coe), seen),
      }),
    );
}

/** Announced services are reached from the other COEs. */
export function serviceChecks(plan: Plan): Judged[] {
  return pairs(deployedCoes(plan)).flatMap(([from, to]) =>
    announcedRanges(to).map(
      (range): Judged => ({
        id: `service/${from.name}-to-${to.name}/${range}`,
        group: "service",
        title: `GETs from ${from.name} to a service of ${to.name} in ${listOf(to.announced[range]).join(" and ")} are answered by several servers`,
        needs: getService(from, to, range),
        judge: (seen) => judgeService(from, to, range, seen),
      }),
    ),
  );
}

/** The COE whose announced ranges hold a prefix; undefined for a prefix of containers. */
export function announcer(plan: Plan, prefix: string): CoePlan | undefined {
  return Object.values(plan.coes).find((coe) => containedIn(announcedPrefixes(coe), prefix));
}

/** Each node that leads to a COE's services announces every range of them, to every reflector. */
function judgeAnnounced(coe: CoePlan, speakers: readonly NodePlan[], seen: Observation): Verdict {
  const about: About = {
    at: coe.name,
    expected: `${announcedPrefixes(coe).join(", ")} from each of ${speakers.map((node) => node.name).join(", ")}`,
    source: `plan: coes.${coe.name}.announced`,
    cause: "the session of the node is down, or nothing on it announces the services",
    remedy: `see session/*/${coe.name}/* first; then look what the speaker on the node sends; to apply the settings again run: pulumi up`,
  };
  const missing: string[] = [];
  let asked = "";
  for (const [name, answer] of Object.entries(seen.rib)) {
    asked = answer.asked;
    if (!answer.ok) return refused(answer, { ...about, ...daemonAway(name) });
    for (const range of announcedPrefixes(coe)) {
      const hops = new Set(answer.value.filter(isOf(range)).map((path) => path.nextHop));
      const silent = speakers
        .filter((node) => !addressesOf(node).some((address) => hops.has(address)))
        .map((node) => node.name);
      if (silent.length > 0) missing.push(`${name} has no ${range} from ${silent.join(", ")}`);
    }
  }
  return missing.length === 0
    ? pass(asked, `each by ${speakers.length} nodes`)
    : fail(asked, missing, about);
}

const isOf = (range: string) => (path: RouterPath) => path.prefix === range;

/**
 * What is wrong with a node's routes to other COEs' services: each leads to nodes that announce it, any of them.
 * The COE's own nodes need none, for they reach their services by themselves.
 */
export function wrongServiceRoutes(
  plan: Plan,
  node: NodePlan,
  protocol: string | undefined,
  rib: readonly RouterPath[],
  routes: readonly KernelRoute[],
): string[] {
  const hops = new Map<string, Set<string>>();
  for (const path of rib) {
    const coe = announcer(plan, path.prefix);
    if (coe === undefined || coe.nodes[node.name]?.id === node.id) continue;
    hops.set(path.prefix, (hops.get(path.prefix) ?? new Set()).add(path.nextHop));
  }
  return [...hops].flatMap(([prefix, expected]) => {
    const list = [...expected].sort().join(", ");
    const route = routes.find((one) => one.prefix === prefix);
    if (route === undefined) return [`no route to ${prefix} (should be via any of ${list})`];
    const strangers = route.gateways.filter((gateway) => !expected.has(gateway));
    return route.gateways.length > 0 && strangers.length === 0 && route.protocol === protocol
      ? []
      : [
          `${prefix} via ${route.gateways.join(", ") || "nothing"} proto ${route.protocol} (should be via any of ${list} proto ${protocol})`,
        ];
  });
}

/** GETs to a service must all be answered, and by more than one of its servers where there is more than one. */
function judgeService(from: CoePlan, to: CoePlan, range: ServiceRange, seen: Observation): Verdict {
  const about: About = {
    at: `${from.name} -> ${to.name}`,
    expected: `answers from several servers behind ${listOf(to.announced[range]).join(" and ")}`,
    source: `plan: coes.${to.name}.announced.${range}`,
    cause: `nodes of ${from.name} have no route to the service, its servers are not ready, or all of it leads to one node`,
    remedy: `see fib/${from.name}/* and rib/services/${to.name} first; then look at the service and its servers in ${to.name}`,
  };
  const services = seen.services[to.name];
  if (services === undefined) return skip("", `${to.name} has no probe in the configuration`);
  if (!services.ok) return refused(services, about);
  if (!services.value.some((one) => one.range === range))
    return fail(services.asked, "the service has no such address", about);
  const tried = seen.serviceFetches[`${from.name}-to-${to.name}/${range}`];
  if (tried === undefined) return skip("", `${from.name} has no probe to ask from`);
  const asked = tried.answers[0]?.asked ?? "";
  const servers = new Set<string>();
  const refusals: Refusal[] = [];
  for (const answer of tried.answers) {
    if (answer.ok) servers.add(answer.value.server);
    else refusals.push(answer);
  }
  const refusal = refusals.find((one) => one.unasked !== true) ?? refusals[0];
  if (refusal !== undefined) return refused(refusal, about);
  const workloads = seen.workloads[to.name];
  const expected = Math.min(2, workloads?.ok ? workloads.value.length : 1);
  const found = `${tried.answers.length} answers from ${servers.size} servers`;
  return servers.size >= expected ? pass(asked, found) : fail(asked, found, about);
}
