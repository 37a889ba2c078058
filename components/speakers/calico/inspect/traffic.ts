import type { CoePlan } from "../../../../plan/types";
import { podRanges } from "../../../../util/ranges";
import type { CalicoPlan } from "../types";
import { noSession } from "./nodes";
import type { DatastoreState, NodeState } from "./state";

/** By what a node reaches the pods on the other nodes of its cluster. */
export interface NodeTraffic {
  readonly before: string;
  /** Begins with `none` where it reaches them no more. */
  readonly after: string;
}

type Seen = Pick<DatastoreState, "nodes" | "bgp" | "pools" | "peers">;

/** For each node of the cluster, whether or not the plan has it. */
export function trafficOf(
  coe: CoePlan,
  plan: CalicoPlan,
  seen: Seen,
): Readonly<Record<string, NodeTraffic>> {
  return Object.fromEntries(
    seen.nodes.map((node) => [node.name, nodeTraffic(coe, plan, seen, node)]),
  );
}

function nodeTraffic(coe: CoePlan, plan: CalicoPlan, seen: Seen, node: NodeState): NodeTraffic {
  const planned = coe.nodes[node.name];
  if (planned === undefined && node.agent === "none")
    return { before: "not by Calico", after: "not by Calico" };
  const before = `${source(plan, seen)}, ${tunnel(coe, seen)}`;
  const none = noSession(coe, plan, node);
  if (none === undefined) return { before, after: `${planSource(plan)}, ${plannedTunnel(plan)}` };
  return { before, after: `${otherSource(plan, seen)}: ${none.why}` };
}

function plannedTunnel({ ipipMode }: CalicoPlan): string {
  return ipipMode === undefined ? "no tunnel" : `IPIP ${ipipMode}`;
}

function planSource({ topology, ownMesh }: CalicoPlan): string {
  if (topology === undefined) return "reflector";
  return ownMesh === true ? "mesh" : "other nodes";
}

function source(plan: CalicoPlan, { bgp, peers }: Seen): string {
  if (bgp.mesh) return "mesh";
  const reflectors = Object.values(plan.reflectors).map(({ address }) => address);
  if (peers.some(({ peer }) => reflectors.includes(peer))) return "reflector";
  return peers.length > 0 ? "other peers" : "no sessions";
}

function otherSource(plan: CalicoPlan, { peers }: Seen): string {
  const reflectors = Object.values(plan.reflectors).map(({ address }) => address);
  return peers.some(({ peer }) => !reflectors.includes(peer)) ? "other peers only" : "none";
}

function tunnel(coe: CoePlan, { pools }: Seen): string {
  const modes = pools
    .filter(({ cidr }) => podRanges(coe).includes(cidr))
    .flatMap(({ ipipMode, vxlanMode }) => [
      ...(ipipMode === "Never" ? [] : [`IPIP ${ipipMode}`]),
      ...(vxlanMode === "Never" ? [] : [`VXLAN ${vxlanMode}`]),
    ]);
  return [...new Set(modes)].join(" and ") || "no tunnel";
}

/** Nodes of the same fate on one line; nothing where nothing changes. */
export function renderTraffic(traffic: Readonly<Record<string, NodeTraffic>>): string[] {
  const groups = new Map<string, string[]>();
  for (const [name, { before, after }] of Object.entries(traffic)) {
    if (before === after) continue;
    const group = `${before} -> ${after}`;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups].map(([group, names]) => `traffic ${names.join(", ")}: ${group}`);
}
