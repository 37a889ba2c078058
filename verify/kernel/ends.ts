import type { CoeContainer } from "../../components/ask/types";
import { nodeRanges } from "../../plan/blocks";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { contains, hostOf } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";
import { deployedCoes, speakersOf } from "../coes";
import type { Observation } from "../types";
import type { NodeKernel, TableRoute } from "./types";

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

/** What is known of a node and its containers. */
export interface Linked {
  readonly coe: CoePlan;
  readonly node: NodePlan;
  readonly kernel: NodeKernel;
  readonly ends: readonly End[];
}

/**
 * The containers of a COE that a node's kernel has a link to, by their addresses: those devices. Where the node has a range of its
 * own, that is the bridge of the range, and its containers are those that are known.
 */
export function linked({ coe, node, kernel, ends }: Linked): ReadonlyMap<string, string> {
  const ranges = podRanges(coe);
  const direct = kernel.routes.flatMap((route) => {
    const device = directDevice(route);
    return device === undefined ? [] : [{ prefix: route.prefix, device }];
  });
  const cables = direct.flatMap(({ prefix, device }): [string, string][] => {
    const one = hostOf(prefix);
    return one !== undefined && containedIn(ranges, one) ? [[one, device]] : [];
  });
  const own = ends.filter((end) => end.node.id === node.id).map(({ address }) => address);
  const bridged = nodeRanges(node).flatMap((range): [string, string][] => {
    const bridge = direct.find(({ prefix }) => prefix === range)?.device;
    if (bridge === undefined) return [];
    return own.filter((one) => contains(range, one)).map((one) => [one, bridge]);
  });
  return new Map([...bridged, ...cables]);
}

/** The device of a route to what is there on the link itself. */
export function directDevice({ type, hops }: TableRoute): string | undefined {
  const [hop] = hops;
  return type === "unicast" && hop?.gateway === undefined ? hop?.device : undefined;
}
