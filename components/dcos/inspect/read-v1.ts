import { addressIn } from "../../../util/net";
import { waitFor } from "../../../util/wait";
import type { V1Document, V1Seen } from "../../speakers/calico/documents-v1";
import { networkOf } from "../../speakers/calico/inspect/address";
import type {
  NodeState,
  PeerState,
  PolicyState,
  PoolState,
} from "../../speakers/calico/inspect/state";
import { byName } from "../../speakers/calico/inspect/v3";
import { nameOfAddress } from "../../speakers/calico/names";
import { policyName } from "../../speakers/calico/policy";
import { ruleFacts } from "../../speakers/calico/precedence";
import type { CalicoctlV1 } from "../calicoctl-v1";
import type { CalicoDatastore } from "./state";

/**
 * Reads the datastore of a Calico 2.x, which knows no names of pools: those of the plan's ranges count as the plan's.
 * @throws SeamlessError when it does not answer in time
 */
export async function readCalicoV1(
  calicoctl: CalicoctlV1,
  own: readonly string[],
  timeoutMs: number,
): Promise<CalicoDatastore> {
  await calicoctl.checkVersion();
  await waitFor({ what: "Calico's datastore", timeoutMs, intervalMs: 500 }, async () => {
    const seen = await calicoctl.unreachable();
    return seen === undefined ? { done: true, value: undefined } : { done: false, seen };
  });
  const policies = await calicoctl.list("policy");
  const hosts = await calicoctl.seen("hostEndpoint");
  return {
    version: undefined,
    pools: byName((await calicoctl.list("ipPool")).flatMap((pool) => poolOf(pool, own))),
    // It does not print them.
    blocks: [],
    bgp: {
      asn: Number(await calicoctl.setting("asNumber")),
      mesh: (await calicoctl.setting("nodeToNodeMesh")) === "on",
      setBy: [],
      // It announces no services, and has no other settings.
      services: { clusterIPs: [], externalIPs: [], loadBalancerIPs: [] },
      others: {},
      byNode: {},
    },
    peers: byName((await calicoctl.list("bgpPeer")).flatMap(peerOf)),
    policies: byName(policies.flatMap(policyOf)),
    tiers: [],
    hostEndpoints: { names: hosts.map(({ metadata }) => metadata.name).sort(), automatic: false },
    taken: policies.flatMap((policy) =>
      policy.kind === "policy" && policy.metadata.name === policyName
        ? [{ kind: "GlobalNetworkPolicy", name: policyName, spec: policy.spec, ours: undefined }]
        : [],
    ),
    nodes: byName((await calicoctl.seen("node")).map(nodeOf)),
  };
}

const modes: Readonly<Record<string, string>> = {
  always: "Always",
  "cross-subnet": "CrossSubnet",
};

function poolOf(document: V1Document, own: readonly string[]): PoolState[] {
  if (document.kind !== "ipPool") return [];
  const { cidr } = document.metadata;
  const { ipip, disabled, "nat-outgoing": natOutgoing } = document.spec;
  return [
    {
      name: own.includes(cidr) ? nameOfAddress(cidr) : cidr,
      cidr,
      blockSize: 26,
      ipipMode: ipip.enabled ? (modes[ipip.mode ?? "always"] ?? "Always") : "Never",
      vxlanMode: "Never",
      natOutgoing,
      disabled,
      disableBGPExport: false,
      nodeSelector: "all()",
      assignmentMode: "Automatic",
      allowedUses: ["Tunnel", "Workload"],
      others: {},
      managedBy: undefined,
      setBy: [],
      ours: undefined,
    },
  ];
}

/** One of a node alone has its name beside the address: there may be many of one address. */
function peerOf(document: V1Document): PeerState[] {
  if (document.kind !== "bgpPeer") return [];
  const { peerIP, node } = document.metadata;
  const own = node === undefined || node === "" ? {} : { node };
  const name = "node" in own ? `${node}/${peerIP}` : nameOfAddress(peerIP);
  return [{ name, peer: peerIP, asn: document.spec.asNumber, others: own, ours: undefined }];
}

function policyOf(document: V1Document): PolicyState[] {
  if (document.kind !== "policy" || document.metadata.name === policyName) return [];
  const { order, types } = document.spec;
  return [
    {
      kind: "policy",
      name: document.metadata.name,
      tier: "default",
      order,
      ...ruleFacts({
        ...document.spec,
        types: types.length === 0 ? ["ingress", "egress"] : types,
      }),
      staged: false,
    },
  ];
}

function nodeOf({ metadata, spec: { bgp } }: V1Seen): NodeState {
  return {
    name: metadata.name,
    address: addressIn(bgp.ipv4Address),
    network: networkOf(bgp.ipv4Address),
    asn: bgp.asNumber,
    os: "linux",
    virtual: false,
    ready: undefined,
    agent: bgp.ipv4Address === "" ? "none" : undefined,
    podCidrs: [],
  };
}
