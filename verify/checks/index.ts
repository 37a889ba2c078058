import type { ServiceRange } from "../components/ask/types";
import { datastoreNodes } from "../components/kinds/models";
import { admits, describePolicy } from "../plan/policy";
import { announcersOf } from "../plan/services";
import type { CoePlan, NodePlan, Plan } from "../plan/types";
import { judgeDatastore, judgeHttp, judgeIntrusion } from "./judge-http";
import { judgeName } from "./judge-names";
import { judgeFib, judgeOrigin, judgeRib } from "./judge-routes";
import { judgeAnnounced, judgeService } from "./judge-services";
import { judgeSession, judgeUnplanned } from "./judge-sessions";
import { datastoreFrom, everyRib, getBetween, getService, intrusionInto, kernelOf } from "./needs";
import type { Check, CheckResult, Need, Observation } from "./types";

/** A check together with what decides it. */
export interface Judged extends Check {
  /** What has to be asked for it, and nothing else. */
  readonly needs: readonly Need[];
  readonly judge: (seen: Observation) => Verdict;
}

export type Verdict = Pick<CheckResult, "status" | "asked" | "found">;

/** All checks of a plan, in the order they are reported. What is expected comes from the plan alone. */
export function checksOf(plan: Plan): Judged[] {
  const deployed = Object.values(plan.coes).filter((coe) => coe.deployed);
  const speakers = deployed.flatMap((coe) => speakersOf(coe));
  return [
    ...Object.values(plan.sessions).map(
      (session): Judged => ({
        id: `session/${session.name}`,
        group: "session",
        title: `${session.a.id} and ${session.b.id} (${session.b.address}) are Established`,
        needs: [`neighbours/${session.a.id}`],
        judge: (seen) => judgeSession(plan, session, seen),
      }),
    ),
    ...Object.values(plan.reflectors).flatMap((reflector): Judged[] => [
      {
        id: `session/${reflector.name}/unplanned`,
        group: "session",
        title: `${reflector.name} has no neighbour that is not planned`,
        needs: [`neighbours/${reflector.name}`],
        judge: (seen) => judgeUnplanned(plan, reflector, seen),
      },
      {
        id: `rib/${reflector.name}`,
        group: "rib",
        title: `${reflector.name} holds only blocks of the plan, each from its own node`,
        needs: [`rib/${reflector.name}`],
        judge: (seen) => judgeRib(plan, reflector, seen),
      },
    ]),
    ...speakers.map(
      (node): Judged => ({
        id: `rib/origin/${node.id}`,
        group: "rib",
        title: `every block in use on ${node.id} is in the RIB`,
        needs: [...everyRib(plan), kernelOf(node)],
        judge: (seen) => judgeOrigin(plan, node, seen),
      }),
    ),
    ...deployed.flatMap((coe): Judged[] =>
      announcedRanges(coe).length === 0
        ? []
        : [
            {
              id: `rib/services/${coe.name}`,
              group: "rib",
              title: `${coe.balancers?.join(", ") ?? "every node"} of ${coe.name} announces ${Object.values(coe.announced).join(", ")}`,
              needs: everyRib(plan),
              judge: (seen) => judgeAnnounced(coe, announcersOf(coe), seen),
            },
          ],
    ),
    ...speakers.map(
      (node): Judged => ({
        id: `fib/${node.id}`,
        group: "fib",
        title: `the kernel of ${node.id} has every other node's block`,
        needs: [...everyRib(plan), kernelOf(node)],
        judge: (seen) => judgeFib(plan, node, seen),
      }),
    ),
    ...pairs(deployed).map(
      ([from, to]): Judged => ({
        id: `http/${from.name}-to-${to.name}`,
        group: "http",
        title: admits(to, from)
          ? `GET from ${from.name} to ${to.name}, own address seen by the server`
          : `GET from ${from.name} to ${to.name} is dropped, for ${to.name} is ${describePolicy(to)}`,
        needs: getBetween("fetches", from, to),
        judge: (seen) => judgeHttp(from, to, seen),
      }),
    ),
    ...pairs(deployed).flatMap(([from, to]) =>
      announcedRanges(to).map(
        (range): Judged => ({
          id: `service/${from.name}-to-${to.name}/${range}`,
          group: "service",
          title: `GETs from ${from.name} to a service of ${to.name} in ${to.announced[range]} are answered by several servers`,
          needs: getService(from, to, range),
          judge: (seen) => judgeService(from, to, range, seen),
        }),
      ),
    ),
    ...pairs(deployed)
      .filter(([from, to]) => to.names !== undefined && admits(to, from))
      .map(
        ([from, to]): Judged => ({
          id: `name/${from.name}-to-${to.name}`,
          group: "name",
          title: `GET from ${from.name} by a name of ${to.name} is answered by ${to.name}`,
          needs: getBetween("nameFetches", from, to),
          judge: (seen) => judgeName(from, to, seen),
        }),
      ),
    ...deployed.flatMap((coe) =>
      coe.addons.map(
        (name): Judged => ({
          id: `addon/${coe.name}/${name}`,
          group: "addon",
          title: `${name} of ${coe.name} answers`,
          needs: [`addons/${coe.name}/${name}`],
          judge: (seen) => judgeAddon(coe, name, seen),
        }),
      ),
    ),
    ...deployed.flatMap((coe) =>
      (coe.packages ?? []).map(
        (name): Judged => ({
          id: `package/${coe.name}/${name}`,
          group: "package",
          title: `${name} of ${coe.name} answers`,
          needs: [`addons/${coe.name}/${name}`],
          judge: (seen) => judgeAddon(coe, name, seen),
        }),
      ),
    ),
    ...deployed.map(
      (coe): Judged => ({
        id: `policy/${coe.name}`,
        group: "policy",
        title:
          coe.policy.mode === "open"
            ? `${coe.name} accepts traffic from hosts (policy: open)`
            : `${coe.name} lets in containers only (${describePolicy(coe)})`,
        needs: intrusionInto(coe),
        judge: (seen) => judgeIntrusion(coe, seen),
      }),
    ),
    ...deployed
      .filter((to) => datastoreNodes(to).length > 0)
      .flatMap((to) =>
        deployed.map(
          (from): Judged => ({
            id: `policy/${from.name}-to-${to.name}/datastore`,
            group: "policy",
            title: `containers of ${from.name} do not reach the datastore of ${to.name}, which asks for no login`,
            needs: datastoreFrom(from, to),
            judge: (seen) => judgeDatastore(from, to, seen),
          }),
        ),
      ),
  ];
}

function judgeAddon(coe: CoePlan, name: string, seen: Observation): Verdict {
  const answer = seen.addons[`${coe.name}/${name}`];
  if (answer === undefined)
    return { status: "fail", asked: "", found: "no access to it in the stack outputs" };
  const { asked } = answer;
  return answer.ok
    ? { status: "pass", asked, found: answer.value }
    : { status: "fail", asked, found: answer.error };
}

/** Which ranges of services a COE announces. */
export function announcedRanges({ announced }: CoePlan): ServiceRange[] {
  const ranges: readonly ServiceRange[] = ["clusterIPs", "loadBalancerIPs", "externalIPs"];
  return ranges.filter((range) => announced[range] !== undefined);
}

/** The nodes of a COE that speak BGP. */
export function speakersOf(coe: CoePlan): NodePlan[] {
  return Object.values(coe.nodes).filter((node) => node.speaker);
}

/** Every ordered pair of two different COEs. */
export function pairs(coes: readonly CoePlan[]): [CoePlan, CoePlan][] {
  return coes.flatMap((from) =>
    coes.filter((to) => to !== from).map((to): [CoePlan, CoePlan] => [from, to]),
  );
}
