/** The lab's Kubernetes as planned, and what an inspection says of it when something is otherwise. */

import { makePlan, parseConfig, readStackConfig } from "../../components/kinds/planning";
import { compareCluster } from "../../components/kubernetes/inspect/compare";
import type { CalicoState, ClusterState } from "../../components/kubernetes/inspect/state";
import type {
  BgpState,
  NodeState,
  PoolState,
} from "../../components/speakers/calico/inspect/state";
import { calicoPlan } from "../../components/speakers/calico/objects";
import type { CoePlan } from "../../plan/types";
import { bgpState, nodeState, nothingElse, peerState, poolState } from "./inspection";

const config = readStackConfig("Pulumi.lab.yaml");

export const pool: PoolState = poolState("192-168-0-0-17", "192.168.0.0/17");
export const nodes = Object.entries({
  controller: "172.16.18.33",
  "worker-1": "172.16.18.34",
  "worker-2": "172.16.18.35",
  "worker-3": "172.16.18.36",
}).map(([name, address]) => nodeState(name, address));
/** A node that the plan does not have. */
export const stranger = nodeState("worker-9", "172.16.18.99");

/** A cluster that is as planned. */
export const calico: CalicoState = {
  ...nothingElse,
  version: "v3.31.0",
  agent: { namespace: "kube-system", account: "calico-node" },
  backend: { name: "bird", from: "CALICO_NETWORKING_BACKEND" },
  ipam: { name: "calico-ipam", podCidrs: false },
  ipv6: { address: "autodetect", felix: true, assigns: true },
  dataplane: undefined,
  clusterRouting: undefined,
  definitions: {
    BGPConfiguration: "any",
    BGPPeer: "any",
    GlobalNetworkPolicy: "any",
    GlobalNetworkSet: "any",
    IPPool: "any",
    Tier: "any",
  },
  operatorPools: [],
  api: false,
  operator: false,
  pools: [pool],
  blocks: [{ cidr: "192.168.7.0/26", node: "worker-1" }],
  bgp: bgpState(64511, false),
  peers: [peerState("172-16-18-32", "172.16.18.32", 64511)],
  nodes,
};
export const joined: ClusterState = { calico, nativeV3: false, serviceCidr: "10.96.0.0/16", nodes };

export type Changes = Readonly<Record<string, unknown>>;

export function partOf(changes: Changes = {}, dcos: Changes = {}) {
  const coes = {
    dcos: { ...config.coes.dcos, ...dcos },
    kubernetes: { ...config.coes.kubernetes, ...changes },
  };
  const plan = makePlan(parseConfig({ ...config, coes }));
  const coe = plan.coes.kubernetes;
  if (coe === undefined) throw new Error("no kubernetes in the lab");
  return { coe, plan: calicoPlan(plan, "kubernetes") };
}

export function findings(seen: ClusterState, changes: Changes = {}, dcos: Changes = {}) {
  const { coe, plan } = partOf(changes, dcos);
  return compareCluster(coe, plan, seen);
}

export const withCalico = (changes: Partial<CalicoState>): ClusterState => ({
  ...joined,
  calico: { ...calico, ...changes },
});
export const withNodes = (
  list: readonly NodeState[],
  more: Partial<CalicoState> = {},
): ClusterState => ({
  ...withCalico({ nodes: list, ...more }),
  nodes: list,
});
export const withBgp = (changes: Partial<BgpState>) =>
  withCalico({ bgp: { ...calico.bgp, ...changes } });
export const withPool = (changes: Partial<PoolState>) =>
  withCalico({ pools: [{ ...pool, ...changes }] });
export const short = (seen: ClusterState, changes = {}) =>
  findings(seen, changes).map(({ level, id, found }) => `${level} ${id}: ${found}`);

/** What is found of a cluster whose sessions are to have a password. */
export function compareGuarded(changes: Partial<CoePlan>, seen: ClusterState): string[] {
  const plan = makePlan({ ...config, bgpPasswords: ["kubernetes"] });
  const coe = plan.coes.kubernetes;
  if (coe === undefined) throw new Error("no kubernetes in the lab");
  return compareCluster({ ...coe, ...changes }, calicoPlan(plan, "kubernetes"), seen).map(
    ({ level, id, found }) => `${level} ${id}: ${found}`,
  );
}
