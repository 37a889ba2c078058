import { z } from "zod";
import type { CoePlan } from "../../../plan/types";
import { addressIn, formatPrefix, parseEither } from "../../../util/net";
import type { IpamBlock } from "../../ask/types";
import { ipamBlocks } from "../../speakers/calico/ipam";
import type { ReadKeys } from "../etcd";

/** Where Calico keeps blocks in etcd, in version 3 and in 2.x. */
const assigned = /^\/calico\/ipam\/v2\/assignment\/ipv[46]\/block\//;
const claimed = /^\/calico\/ipam\/v2\/host\/([^/]+)\/ipv[46]\/block\/(.+)$/;

/** Where it keeps the addresses of nodes. */
const nodeKeys = {
  v3: "/calico/resources/v3/projectcalico.org/nodes/",
  v1: "/calico/bgp/v1/host/",
} as const;

/** Reads Calico's IPAM out of its etcd. */
export async function readIpam(coe: CoePlan, read: ReadKeys): Promise<IpamBlock[]> {
  const [records, addresses] = await Promise.all([
    read("/calico/ipam/v2/"),
    addressesOf(coe.calicoApi ?? "v3", read),
  ]);
  const ids = new Map(Object.values(coe.nodes).map(({ address, id }) => [address, id]));
  // Calico has names of its own for agents; their addresses are those of the plan.
  const nodeOf = (name: string) =>
    ids.get(addresses.get(name) ?? "") ?? coe.nodes[name]?.id ?? name;
  const entries = [...records];
  return ipamBlocks(
    {
      blocks: entries.flatMap(([key, value]) => (assigned.test(key) ? [JSON.parse(value)] : [])),
      affinities: entries.flatMap(([key, value]) => {
        const [, node, block] = claimed.exec(key) ?? [];
        const cidr = rangeOf(block ?? "");
        if (node === undefined || cidr === undefined) return [];
        // Calico 2.x claims a block in one step, and writes nothing.
        const fields: unknown = value === "" ? {} : JSON.parse(value);
        return [{ ...(typeof fields === "object" ? fields : {}), cidr, node }];
      }),
    },
    nodeOf,
  );
}

/** `192.168.131.64-26` */
function rangeOf(name: string): string | undefined {
  const at = name.lastIndexOf("-");
  const found = parseEither(`${name.slice(0, at)}/${name.slice(at + 1)}`);
  return found === undefined ? undefined : formatPrefix(found);
}

const nodeObject = z.looseObject({
  spec: z
    .looseObject({ bgp: z.looseObject({ ipv4Address: z.string().default("") }).nullish() })
    .prefault({}),
});

/** By Calico's name of a node, its address. */
async function addressesOf(api: "v1" | "v3", read: ReadKeys): Promise<ReadonlyMap<string, string>> {
  const found = [...(await read(nodeKeys[api]))];
  const entries = found.flatMap(([key, value]): [string, string][] => {
    const [name = "", field] = key.slice(nodeKeys[api].length).split("/");
    if (api === "v1") return field === "ip_addr_v4" ? [[name, value]] : [];
    const { bgp } = nodeObject.parse(JSON.parse(value)).spec;
    return [[name, addressIn(bgp?.ipv4Address ?? "")]];
  });
  return new Map(entries);
}
