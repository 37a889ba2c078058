import { addressOf, families } from "../../../../plan/families";
import type { CoePlan, NodePlan } from "../../../../plan/types";
import { podRanges } from "../../../../util/ranges";
import { ipipModeOf } from "../pools";
import type { CalicoPlan } from "../types";
import type { Finding } from "./finding";
import type { DatastoreState, NodeState } from "./state";

type Seen = Pick<DatastoreState, "nodes" | "bgp" | "blocks">;

/** Why a node has no session with the reflector, and what to do about it. */
export interface NoSession {
  readonly why: string;
  readonly advice: string;
  /** Whether time alone does not change it. */
  readonly forGood: boolean;
}

/** @returns undefined where the node has its session as planned */
export function noSession(coe: CoePlan, plan: CalicoPlan, node: NodeState): NoSession | undefined {
  const planned = coe.nodes[node.name];
  const nodes = `coes.${coe.name}.nodes`;
  const keepOut = `move its workloads to Linux nodes and remove it, or leave this cluster as it is (coes.${coe.name}.deploy: false)`;
  if (node.os === "windows")
    return { why: "it is a Windows node, which runs no BIRD", advice: keepOut, forGood: true };
  if (node.virtual)
    return {
      why: "it is a virtual kubelet, which runs no BIRD",
      advice: planned === undefined ? keepOut : `take it out of ${nodes}`,
      forGood: true,
    };
  if (planned === undefined)
    return {
      why: "it is not in the plan",
      advice: `add ${node.name}: { address: ${addressesIn(node)[0] ?? ""} } to ${nodes}`,
      forGood: true,
    };
  if (!planned.speaker)
    return {
      why: "the plan has no session with it",
      advice: `say speaker: true in ${nodes}.${node.name}`,
      forGood: true,
    };
  if (typeof node.asn === "string")
    return {
      why: `its AS is ${JSON.stringify(node.asn)}, which is no number`,
      advice: "correct the node's annotation projectcalico.org/ASNumber, or remove it",
      forGood: true,
    };
  const asn = node.asn ?? plan.asn;
  // Where nodes are in several ASs, each is given its own.
  if (asn !== planned.asn && plan.nodes === undefined)
    return {
      why: `it is in AS ${asn}${node.asn === undefined ? "" : " by its own setting"}; the plan says ${planned.asn}`,
      advice: `plan asn: ${asn} for it, or remove that setting from the node`,
      forGood: true,
    };
  const wait = "wait until it is, or mend it";
  if (node.agent === "none")
    return { why: "no calico-node is on it", advice: wait, forGood: false };
  if (node.agent === "not ready" || node.ready === false)
    return {
      why: node.ready === false ? "it is not ready" : "its calico-node is not ready",
      advice: wait,
      forGood: false,
    };
  return undefined;
}

/** Every node of the cluster, those that the plan does not have among them. */
export function nodeFindings(coe: CoePlan, plan: CalicoPlan, seen: Seen): Finding[] {
  const there = new Set(seen.nodes.map(({ name }) => name));
  const missing = Object.values(coe.nodes).filter(
    ({ name, speaker }) => speaker && !there.has(name),
  );
  return [
    ...seen.nodes.flatMap((node) => nodeFinding(coe, plan, seen, node)),
    ...missing.map(
      ({ name, address }): Finding => ({
        id: `node/${name}`,
        level: "notes",
        found: `the cluster has no such node yet; the plan has it at ${address}`,
        effect: "where the mesh is on, it stays on until the node is there and has its session",
      }),
    ),
  ];
}

function nodeFinding(coe: CoePlan, plan: CalicoPlan, seen: Seen, node: NodeState): Finding[] {
  const id = `node/${node.name}`;
  const planned = coe.nodes[node.name];
  const is = addressesIn(node).join(", ") || "no IPv4 address";
  const elsewhere = planned === undefined ? [] : addressFindings(id, planned, node);
  if (elsewhere.length > 0) return elsewhere;
  const none = noSession(coe, plan, node);
  if (none === undefined) return asFindings(id, plan, node);
  const { why, advice, forGood } = none;
  const found = `${is}; ${why}`;
  // Without Calico on it there are no routes of Calico's to lose.
  if (planned === undefined && node.agent === "none")
    return [
      {
        id,
        level: "notes",
        found: `${is}; ${why}, and no calico-node is on it`,
        effect: "none: it has no routes of Calico's, before and after joining",
      },
    ];
  const loses = seen.bgp.mesh && plan.ownMesh !== true && seen.blocks.length > 0;
  if (loses)
    return [
      {
        id,
        level: "blocks",
        found,
        effect:
          "the mesh goes off: it loses the routes to the pods of its own cluster, and the other nodes those to its pods",
        advice,
      },
    ];
  return [
    {
      id,
      level: planned?.speaker && forGood ? "blocks" : "notes",
      found,
      effect: `it has no session with ${plan.topology === undefined ? "the reflector" : "nodes of other COEs"}: other COEs do not reach its pods`,
      advice,
    },
  ];
}

/** The addresses that a node has. */
function addressesIn({ address, address6 }: NodeState): string[] {
  return [address, address6 ?? ""].filter((one) => one !== "");
}

/** Addresses of the plan that a node does not have. */
function addressFindings(id: string, planned: NodePlan, node: NodeState): Finding[] {
  return families.flatMap((family): Finding[] => {
    const wanted = addressOf(planned, family);
    const found = family === 4 ? node.address : (node.address6 ?? "");
    if (wanted === undefined || wanted === found) return [];
    const key = planned.address6 === wanted ? "address6" : "address";
    return [
      {
        id,
        level: "blocks",
        found: `${found === "" ? `no IPv${family} address` : found}; the plan says ${wanted}`,
        effect: "its session would come from an address the reflector does not know",
        advice: found === "" ? noAddress[family] : `plan ${key}: ${found}`,
      },
    ];
  });
}

const noAddress = {
  4: "wait until calico-node has found its address",
  6: "see that the node has an IPv6 address and that IP6 of calico-node is autodetect, then wait until it has found it",
} as const;

/** What a node's own AS is set to. */
function asFindings(id: string, { asn, nodes }: CalicoPlan, node: NodeState): Finding[] {
  const planned = nodes?.[node.name]?.asn;
  if (planned === undefined || (node.asn ?? asn) === planned) return [];
  return [
    {
      id: `${id}/as`,
      level: "changes",
      found: `${node.asn === undefined ? "no AS of its own" : `AS ${node.asn} of its own`}; the plan says ${planned}`,
      effect: "it is set on the node, whose sessions are reset",
    },
  ];
}

/**
 * Nodes in several networks, while packets between these are in a tunnel that joining takes away. Routers of the nodes' racks
 * have the routes to pods, and need none.
 */
export function networkFindings(
  coe: CoePlan,
  plan: CalicoPlan,
  { nodes, pools }: Pick<DatastoreState, "nodes" | "pools">,
): Finding[] {
  if (plan.rackRouters === true) return [];
  const pool = pools.find(
    ({ cidr, ipipMode, vxlanMode }) =>
      podRanges(coe).includes(cidr) &&
      ((ipipMode !== "Never" && ipipMode !== ipipModeOf(plan, cidr)) || vxlanMode !== "Never"),
  );
  const networks = new Map<string, string[]>();
  for (const { name, network, agent } of nodes) {
    if (network === undefined || agent === "none") continue;
    networks.set(network, [...(networks.get(network) ?? []), name]);
  }
  if (pool === undefined || networks.size < 2) return [];
  const listed = [...networks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([network, names]) => `${network} (${names.join(", ")})`);
  const mode =
    pool.ipipMode === "Never" ? `vxlanMode ${pool.vxlanMode}` : `ipipMode ${pool.ipipMode}`;
  return [
    {
      id: "nodes/networks",
      level: "blocks",
      found: `nodes are in ${networks.size} networks by their masks: ${listed.join(", ")}; pool ${pool.name} has ${mode}`,
      effect:
        "packets between these networks lose their tunnel, and routers between them do not know the pods' addresses",
      advice: "bring the nodes into one network, or leave this cluster out",
    },
  ];
}
