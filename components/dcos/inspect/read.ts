import { z } from "zod";
import { messageOf } from "../../../util/errors";
import { waitFor } from "../../../util/wait";
import { bgpDefaults, type PoolState } from "../../inspect/state";
import type { DcosSession } from "../api/session";
import { unitsOf, versionOf } from "../api/system";
import type { AnyCalicoObject, Calicoctl } from "../calicoctl";
import type { CalicoDatastore, DcosState } from "./state";

const poolSpec = z.object({
  cidr: z.string(),
  blockSize: z.number().default(26),
  ipipMode: z.string().default("Never"),
  vxlanMode: z.string().default("Never"),
  natOutgoing: z.boolean().default(false),
  disabled: z.boolean().default(false),
});
const bgpSpec = z.object({
  asNumber: z.number().optional(),
  nodeToNodeMeshEnabled: z.boolean().default(bgpDefaults.mesh),
});
const peerSpec = z.object({
  peerIP: z.string().optional(),
  peerSelector: z.string().optional(),
  asNumber: z.number().optional(),
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
  const pools = await calicoctl.list("ippools");
  const configurations = await calicoctl.list("bgpconfigurations");
  const peers = await calicoctl.list("bgppeers");
  const [information] = await calicoctl.list("clusterinformations");
  const bgp = bgpSpec.parse(
    configurations.find(({ metadata }) => metadata.name === "default")?.spec ?? {},
  );
  return {
    version: informationSpec.parse(information?.spec ?? {}).calicoVersion,
    pools: pools.map(poolOf),
    blocks: [...(await calicoctl.blocks())],
    bgp: {
      asn: bgp.asNumber ?? bgpDefaults.asn,
      mesh: bgp.nodeToNodeMeshEnabled,
      setBy: [],
    },
    peers: peers.map(({ metadata, spec }) => {
      const { peerIP, peerSelector, asNumber } = peerSpec.parse(spec);
      return { name: metadata.name, peer: peerIP ?? peerSelector ?? "", asn: asNumber };
    }),
  };
}

/** The datastore knows nobody who manages a pool, or who has set a field. */
function poolOf({ metadata, spec }: AnyCalicoObject): PoolState {
  return { name: metadata.name, ...poolSpec.parse(spec), managedBy: undefined, setBy: [] };
}
