import { z } from "zod";
import { messageOf } from "../../../util/errors";
import { addressIn } from "../../../util/net";
import { waitFor } from "../../../util/wait";
import { datastorePolicyName } from "../../speakers/calico/datastore";
import { ownFilters } from "../../speakers/calico/filters";
import { networkOf } from "../../speakers/calico/inspect/address";
import type { NodeState, TakenState } from "../../speakers/calico/inspect/state";
import {
  bgpOf,
  byName,
  makesHostEndpoints,
  peerOf,
  policyOf,
  poolOf,
  type StoredV3,
} from "../../speakers/calico/inspect/v3";
import { policyName, tierName } from "../../speakers/calico/policy";
import type { DcosSession } from "../api/session";
import { unitsOf, versionOf } from "../api/system";
import type { AnyCalicoObject, Calicoctl } from "../calicoctl";
import type { CalicoDatastore, DcosState } from "./state";

const nodeSpec = z.looseObject({
  bgp: z
    .looseObject({ ipv4Address: z.string().default(""), asNumber: z.number().exactOptional() })
    .nullish(),
});
const informationSpec = z.object({ calicoVersion: z.string().optional() });

/** Looks at Calico's datastore; undefined is what it does not say. */
export type ReadDatastore = () => Promise<CalicoDatastore>;

/**
 * Reads what matters of a cluster, and changes nothing.
 * @throws SeamlessError when Admin Router does not answer or refuses to say; a datastore that does not is told of instead
 */
export async function readDcos(
  session: DcosSession,
  readDatastore: ReadDatastore,
): Promise<DcosState> {
  const version = await versionOf(session);
  const units = (await unitsOf(session)).filter(({ id }) => id.startsWith("dcos-calico-"));
  const datastore = await readDatastore().catch((thrown: unknown) => ({
    unreachable: messageOf(thrown),
  }));
  return {
    version,
    units: units.map(({ id, health }) => ({ id, health })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    datastore,
  };
}

/** @throws SeamlessError when the datastore does not answer in time */
export async function readCalico(
  calicoctl: Calicoctl,
  timeoutMs: number,
): Promise<CalicoDatastore> {
  await waitFor({ what: "Calico's datastore", timeoutMs, intervalMs: 500 }, async () => {
    const seen = await calicoctl.unreachable();
    return seen === undefined ? { done: true, value: undefined } : { done: false, seen };
  });
  const list = async (kind: string) => stored(await calicoctl.list(kind));
  // At once: each is a program of its own that asks the datastore.
  const [[information], hosts, global, namespaced, tiers, controllers] = await Promise.all([
    list("clusterinformations"),
    list("hostendpoints"),
    list("globalnetworkpolicies"),
    calicoctl.list("networkpolicies", "--all-namespaces"),
    list("tiers"),
    list("kubecontrollersconfigurations"),
  ]);
  const [pools, blocks, bgp, peers, filters, sets, nodes] = await Promise.all([
    list("ippools"),
    calicoctl.blocks(),
    list("bgpconfigurations"),
    list("bgppeers"),
    calicoctl.listKnown("bgpfilters"),
    list("globalnetworksets"),
    list("nodes"),
  ]);
  return {
    version: informationSpec.parse(information?.spec ?? {}).calicoVersion,
    // The datastore knows nobody who manages a pool, or who has set a field.
    pools: pools.map((pool) => poolOf(pool, undefined, nobody)),
    blocks: [...blocks],
    bgp: bgpOf(bgp, []),
    peers: peers.map((peer) => peerOf(peer, undefined)),
    policies: [
      ...global
        .filter(({ name }) => !plannedPolicies.includes(name))
        .map((policy) => policyOf("GlobalNetworkPolicy", policy)),
      ...byName(named(namespaced)).map((policy) =>
        policyOf("NetworkPolicy.projectcalico.org", policy),
      ),
    ],
    tiers: tiers.map(({ name, spec: { order } }) => ({
      name,
      order: typeof order === "number" ? order : undefined,
    })),
    hostEndpoints: {
      names: hosts.map(({ name }) => name),
      automatic: controllers.some(makesHostEndpoints),
    },
    taken: [
      ...taken("GlobalNetworkPolicy", global).filter(({ name }) => plannedPolicies.includes(name)),
      ...taken("BGPFilter", stored(filters)).filter(({ name }) => ownFilters.includes(name)),
      ...taken("GlobalNetworkSet", sets),
      ...taken("Tier", tiers),
    ],
    nodes: nodes.map(nodeOf),
  };
}

function stored(objects: readonly AnyCalicoObject[]): StoredV3[] {
  return byName(objects.map(({ metadata, spec = {} }) => ({ ...metadata, spec })));
}

/** Names of the plan's own. */
const plannedPolicies = [
  policyName,
  `${tierName}.cross-coe`,
  `${tierName}.datastore`,
  datastorePolicyName,
];

/** Objects whose names a plan may have for its own; nobody keeps who has made them. */
function taken(kind: string, objects: readonly StoredV3[]): TakenState[] {
  return objects.map(({ name, spec }) => ({ kind, name, spec, ours: undefined }));
}

const nobody = { setBy: [], ours: undefined };

function named(objects: readonly AnyCalicoObject[]) {
  return objects.map(({ metadata, spec = {} }) => ({
    name: [metadata.namespace, metadata.name].filter(Boolean).join("/"),
    spec,
  }));
}

/** Calico's own object of a node; whether the node is well is not in it. */
function nodeOf({ name, spec }: StoredV3): NodeState {
  const { bgp } = nodeSpec.parse(spec);
  const address = bgp?.ipv4Address ?? "";
  return {
    name,
    address: addressIn(address),
    network: networkOf(address),
    asn: bgp?.asNumber,
    os: "linux",
    virtual: false,
    ready: undefined,
    // Without an address it runs without BGP.
    agent: address === "" ? "none" : undefined,
    podCidrs: [],
  };
}
