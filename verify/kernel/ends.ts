import type { CoeContainer } from "../../components/ask/types";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { hostOf } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";
import { deployedCoes, speakersOf } from "../coes";
import type { Observation } from "../types";
import type { NodeKernel } from "./types";

/** A container that packets come from or go to. */
export interface End {
  readonly coe: CoePlan;
  readonly node: NodePlan;
  readonly address: string;
}

/** The running probes of all COEs, with their nodes; for a node without one, some other container on it. */
export function endsOf(
  plan: Plan,
  workloads: Observation["workloads"],
  containers: Observation["containers"] = {},
): End[] {
  return deployedCoes(plan).flatMap((coe) => {
    const answer = workloads[coe.name];
    const probes = answer?.ok ? answer.value : [];
    return speakersOf(coe).flatMap((node): End[] => {
      const own = probes.filter((one) => one.node === node.id);
      const one = own.length > 0 ? undefined : containerOn(coe, node, containers);
      return [...own, ...(one === undefined ? [] : [one])].map(({ address }) => ({
        ...{ coe, node, address },
      }));
    });
  });
}

/** A container of the plan's ranges on a node, by the word of its COE; undefined where there is none. */
export function containerOn(
  coe: CoePlan,
  node: NodePlan,
  containers: Observation["containers"] = {},
): CoeContainer | undefined {
  const answer = containers[coe.name];
  const all = answer?.ok ? answer.value : [];
  const ranges = podRanges(coe);
  return all.find((one) => one.node === node.id && containedIn(ranges, one.address));
}

/** The first of each node but one. */
export function oneElsewhere(ends: readonly End[], but: NodePlan): End[] {
  const byNode = new Map<string, End>();
  for (const end of ends)
    if (end.node.id !== but.id && !byNode.has(end.node.id)) byNode.set(end.node.id, end);
  return [...byNode.values()];
}

/** The containers of a COE that a node's kernel has a link to, by their addresses: those devices. */
export function linked(coe: CoePlan, kernel: NodeKernel): ReadonlyMap<string, string> {
  const ranges = podRanges(coe);
  return new Map(
    kernel.routes.flatMap((route): [string, string][] => {
      const one = hostOf(route.prefix);
      const [hop] = route.hops;
      const direct = route.type === "unicast" && hop?.gateway === undefined;
      if (one === undefined || !direct || hop?.device === undefined) return [];
      return containedIn(ranges, one) ? [[one, hop.device]] : [];
    }),
  );
}
