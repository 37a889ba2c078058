import { waitFor } from "../../../util/wait";
import type { V1Document } from "../../calico/documents-v1";
import { nameOfAddress } from "../../calico/names";
import type { PeerState, PoolState } from "../../inspect/state";
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
  const pools = await calicoctl.list("ipPool");
  const peers = await calicoctl.list("bgpPeer");
  return {
    version: undefined,
    pools: pools.flatMap((pool) => poolOf(pool, own)),
    // It does not print them.
    blocks: [],
    bgp: {
      asn: Number(await calicoctl.setting("asNumber")),
      mesh: (await calicoctl.setting("nodeToNodeMesh")) === "on",
      setBy: [],
    },
    peers: peers.flatMap(peerOf),
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
      managedBy: undefined,
      setBy: [],
    },
  ];
}

function peerOf(document: V1Document): PeerState[] {
  if (document.kind !== "bgpPeer") return [];
  const { peerIP } = document.metadata;
  return [{ name: peerIP, peer: peerIP, asn: document.spec.asNumber }];
}
