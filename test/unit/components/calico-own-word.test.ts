import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readIpam } from "../../../components/dcos/verify/ipam";
import { calico } from "../../../components/speakers/calico";
import { parseBirdStatus } from "../../../components/speakers/calico/bird";
import { ipamBlocks } from "../../../components/speakers/calico/ipam";
import { plan } from "../verify/fixture";

/*
 * What Calico 3.31 and its BIRD have written in a running cluster: objects of the Kubernetes API and keys of etcd as they are
 * stored, and what `birdcl` prints.
 */

const file = (name: string) =>
  readFileSync(join(__dirname, "..", "fixtures", "calico-3.31", name), "utf8");

const stored = z
  .object({
    items: z.array(z.object({ kind: z.string(), spec: z.record(z.string(), z.unknown()) })),
  })
  .parse(JSON.parse(file("ipam-kubernetes.json")));
const specs = (kind: string) =>
  stored.items.filter((one) => one.kind === kind).map(({ spec }) => spec);
const blocks = specs("IPAMBlock");
const affinities = specs("BlockAffinity");
const nodeOf = (name: string) => `kubernetes/${name}`;

test("blocks in the Kubernetes API have an owner, and addresses with their pods", () => {
  const read = ipamBlocks({ blocks, affinities }, nodeOf);
  expect(read.map(({ cidr, owners }) => `${cidr} ${owners}`)).toEqual([
    "192.168.117.128/26 kubernetes/worker-2",
    "192.168.41.192/26 kubernetes/worker-1",
    "192.168.55.192/26 kubernetes/controller",
    "192.168.97.192/26 kubernetes/worker-3",
  ]);
  expect(read[0]?.addresses).toEqual([
    {
      address: "192.168.117.128",
      holder: "seamless/seamless-probe-5898ffdbc4-vx2l7",
      node: "kubernetes/worker-2",
    },
    {
      address: "192.168.117.129",
      holder: "kube-system/metrics-server-66f547b858-ggphv",
      node: "kubernetes/worker-2",
    },
  ]);
});

test("a block that two nodes claim has both as owners", () => {
  const [first] = affinities;
  const second = { ...first, cidr: "192.168.117.128/26", node: "worker-9" };
  const read = ipamBlocks({ blocks, affinities: [...affinities, second] }, nodeOf);
  expect(read[0]?.owners).toEqual(["kubernetes/worker-2", "kubernetes/worker-9"]);
});

test("nobody announces a block that is being claimed or released", () => {
  for (const change of [{ state: "pending" }, { state: "pendingDeletion" }, { deleted: "true" }]) {
    const changed = affinities.map((one) => ({ ...one, ...change }));
    const read = ipamBlocks({ blocks, affinities: changed }, nodeOf);
    expect(read.flatMap(({ owners }) => owners)).toEqual([]);
    expect(read).toHaveLength(4);
  }
});

test("an affinity without a block counts as an empty block", () => {
  const read = ipamBlocks({ blocks: [], affinities: affinities.slice(0, 1) }, nodeOf);
  expect(read).toEqual([
    { cidr: "192.168.55.192/26", owners: ["kubernetes/controller"], addresses: [] },
  ]);
});

test("addresses of load balancers are no containers'", () => {
  const virtual = blocks.map((one) => ({ ...one, affinity: "virtual:load-balancer" }));
  const claimed = affinities.map((one) => ({ ...one, node: "load-balancer", type: "virtual" }));
  expect(ipamBlocks({ blocks: virtual, affinities: claimed }, nodeOf)).toEqual([]);
});

const { dcos } = plan.coes;
if (dcos === undefined) throw new Error("no dcos in the fixture");

/** Keys of an etcd, below a prefix. */
const keys = (all: Readonly<Record<string, string>>) => async (prefix: string) =>
  new Map(Object.entries(all).filter(([key]) => key.startsWith(prefix)));

test("blocks in etcd have the plan's names of the agents, whatever Calico calls them", async () => {
  const all = z.record(z.string(), z.string()).parse(JSON.parse(file("ipam-etcd.json")));
  const renamed = Object.fromEntries(
    Object.entries(all).map(([key, value]) => [
      key.replaceAll("agent-1", "ip-172-16-18-43"),
      value.replaceAll("agent-1", "ip-172-16-18-43"),
    ]),
  );
  const read = await readIpam(dcos, keys(renamed));
  expect(read.map(({ cidr, owners }) => `${cidr} ${owners}`)).toEqual([
    "192.168.131.64/26 public-1",
    "192.168.132.128/26 dcos/agent-1",
    "192.168.132.192/26 agent-3",
    "192.168.192.192/26 agent-2",
  ]);
  expect(read[1]?.addresses).toEqual([
    {
      address: "192.168.132.128",
      holder: "calico-open.22561750-9d77-405b-bc7b-3a40fe3f031f",
      node: "dcos/agent-1",
    },
  ]);
});

test("blocks of Calico 2.x are claimed by keys without a value", async () => {
  // As libcalico-go v1.7 writes them (lib/backend/model: BlockKey, BlockAffinityKey, HostIPKey of bgp).
  const all = {
    "/calico/ipam/v2/assignment/ipv4/block/192.168.130.64-26": JSON.stringify({
      cidr: "192.168.130.64/26",
      affinity: "host:agent-host",
      strictAffinity: false,
      allocations: [null, 0],
      unallocated: [0],
      attributes: [{ handle_id: "dcos.5f1", secondary: {} }],
    }),
    "/calico/ipam/v2/host/agent-host/ipv4/block/192.168.130.64-26": "",
    "/calico/bgp/v1/host/agent-host/ip_addr_v4": "172.16.18.43",
  };
  expect(await readIpam({ ...dcos, calicoApi: "v1" }, keys(all))).toEqual([
    {
      cidr: "192.168.130.64/26",
      owners: ["dcos/agent-1"],
      addresses: [{ address: "192.168.130.65", holder: "dcos.5f1" }],
    },
  ]);
});

test("BIRD tells its sessions, what came by them and what it sends", () => {
  const { routerId, sessions } = parseBirdStatus(file("bird-status.txt"));
  expect(routerId).toBe("172.16.18.43");
  const [session, ...others] = sessions;
  expect(others).toEqual([]);
  expect(session).toMatchObject({
    name: "Global_172_16_18_32",
    address: "172.16.18.32",
    asn: 64511,
    state: "Established",
    exported: ["192.168.132.128/26"],
  });
  expect(session?.uptimeSeconds).toBe(334);
  expect(session?.imported).toContainEqual({ prefix: "192.168.97.192/26", via: "172.16.18.36" });
  expect(session?.imported).toHaveLength(8);
});

test("BIRD tells the day of an older session alone, and the last error of one that is down", () => {
  const status = file("bird-status.txt");
  const older = status.replaceAll(/^(Global\S+ BGP \s*\S+\s+\S+\s+)\S+/gm, "$12026-11-28");
  expect(parseBirdStatus(older).sessions[0]?.uptimeSeconds).toBeUndefined();
  // As proto_show writes a session that is refused (BIRD 1.6, proto/bgp/bgp.c).
  const down = status
    .replaceAll(/^(Global.*)Established/gm, "$1Active        Received: Bad peer AS")
    .replaceAll(/BGP state: {10}Established/g, "BGP state:          Active")
    .replaceAll(
      /Neighbor address:/g,
      "Last error:       Received: Bad peer AS\n    Neighbor address:",
    );
  expect(parseBirdStatus(down).sessions[0]).toMatchObject({
    state: "Active",
    problem: "Received: Bad peer AS",
  });
});

test("what is no status of BIRD is no answer", async () => {
  expect(() => parseBirdStatus("")).toThrow("no status of BIRD");
  const beside = async () => ({
    ok: true as const,
    asked: "dcos/agent-1: sh -c script",
    value: "?",
  });
  expect(await calico.read(beside)).toEqual({
    ok: false,
    asked: "dcos/agent-1: birdcl show protocols all",
    error: "unexpected answer: ?",
  });
});
