/** States of clusters as inspections read them, of which each test changes what it is about. */
import type {
  BgpState,
  NodeState,
  PeerState,
  PoolState,
} from "../../components/speakers/calico/inspect/state";

/** A pool as the plan makes it. */
export function poolState(name: string, cidr: string): PoolState {
  return {
    name,
    cidr,
    blockSize: 26,
    ipipMode: "Never",
    vxlanMode: "Never",
    natOutgoing: false,
    disabled: false,
    disableBGPExport: false,
    nodeSelector: "all()",
    assignmentMode: "Automatic",
    allowedUses: ["Tunnel", "Workload"],
    others: {},
    managedBy: undefined,
    setBy: [],
    ours: undefined,
  };
}

/** A BGPConfiguration that says nothing but these. */
export function bgpState(asn: number, mesh: boolean): BgpState {
  return {
    asn,
    mesh,
    setBy: [],
    services: { clusterIPs: [], externalIPs: [], loadBalancerIPs: [] },
    others: {},
    byNode: {},
  };
}

export function peerState(name: string, peer: string, asn: number): PeerState {
  return { name, peer, asn, others: {}, ours: undefined };
}

/** A node that is well, on the lab's network. */
export function nodeState(name: string, address: string): NodeState {
  return {
    name,
    address,
    network: "172.16.18.0/24",
    asn: undefined,
    os: "linux",
    virtual: false,
    ready: true,
    agent: "ready",
    podCidrs: [],
  };
}

/** What a datastore holds beside pools, blocks, BGP, peers and nodes: nothing. */
export const nothingElse = {
  policies: [],
  tiers: [],
  hostEndpoints: { names: [], automatic: false },
  taken: [],
};
