import type { Fault } from "./fault";
import type { NodeId, World } from "./world";

const crd = "crd.projectcalico.org/v1";
const file = (cidr: string) => cidr.replaceAll(/[./]/g, "-");

async function affinity(world: World, node: string, cidr: string): Promise<void> {
  const object = {
    ...{ apiVersion: crd, kind: "BlockAffinity", metadata: { name: `${node}-${file(cidr)}` } },
    spec: { cidr, node, state: "confirmed", deleted: "false", type: "host" },
  };
  await world.kubectlWith(JSON.stringify(object), "apply", "-f", "-");
}

const forget = (world: World, node: string, cidr: string) =>
  world.kubectl("delete", "blockaffinities.crd.projectcalico.org", `${node}-${file(cidr)}`);

const ghost = "192.168.120.0/26";

const felixOn = (world: World, node: NodeId) => world.calicoProcess(node, "^calico-node -felix");

/** Addresses and blocks that the address management of a COE and its nodes tell apart. */
export const ipam: readonly Fault[] = [
  {
    name: "a block belongs to a node that does not exist",
    layer: "ipam",
    uses: [],
    async plant(world) {
      const object = {
        ...{ apiVersion: crd, kind: "IPAMBlock", metadata: { name: file(ghost) } },
        spec: {
          ...{ cidr: ghost, affinity: "host:ghost", strictAffinity: false, deleted: false },
          ...{ allocations: Array(64).fill(null), attributes: [], sequenceNumber: 1 },
          unallocated: Array.from({ length: 64 }, (_, index) => index),
        },
      };
      await world.kubectlWith(JSON.stringify(object), "apply", "-f", "-");
      await affinity(world, "ghost", ghost);
    },
    async mend(world) {
      await forget(world, "ghost", ghost);
      await world.kubectl("delete", "ipamblocks.crd.projectcalico.org", file(ghost));
    },
    bite: {
      by: "calicoctl ipam show --show-blocks",
      measure: (world) => world.calicoctl("kubernetes", ["ipam", "show", "--show-blocks"]),
      healthy: /^(?![\s\S]*192\.168\.120\.0)/,
      bitten: /192\.168\.120\.0\/26/,
    },
    named: {
      checks: ["ipam/kubernetes", "containers/kubernetes"],
      at: "kubernetes",
      found: /192\.168\.120\.0\/26/,
    },
  },
  {
    name: "two nodes claim one block",
    soak: true,
    layer: "ipam",
    uses: ["kubernetes/worker-1", "kubernetes/worker-3", "dcos/agent-1"],
    plant: async (world) => affinity(world, "worker-3", await world.block("kubernetes/worker-1")),
    mend: async (world) => forget(world, "worker-3", await world.block("kubernetes/worker-1")),
    bite: {
      by: "gobgp global rib",
      async measure(world) {
        const rib = await world.gobgp("global", "rib", await world.block("kubernetes/worker-1"));
        return `${new Set(rib.match(/172\.16\.18\.3[0-9]/g)).size} owners`;
      },
      healthy: /^1 owners$/,
      bitten: /^2 owners$/,
    },
    named: {
      checks: ["ipam/kubernetes"],
      at: "kubernetes",
      found: /several owners: kubernetes\/worker-1, kubernetes\/worker-3/,
    },
  },
  {
    name: "a block and its owner's list differ",
    layer: "ipam",
    soak: true,
    uses: ["dcos/agent-2"],
    async plant(world) {
      const block = await world.block("dcos/agent-2");
      const key = `/calico/ipam/v2/host/public-1/ipv4/block/${block.replace("/", "-")}`;
      const value = JSON.stringify({ state: "confirmed", deleted: "false" });
      await world.etcdctl("put", key.replace("public-1", "ghost"), value);
    },
    async mend(world) {
      const block = await world.block("dcos/agent-2");
      await world.etcdctl(
        "del",
        `/calico/ipam/v2/host/ghost/ipv4/block/${block.replace("/", "-")}`,
      );
    },
    bite: {
      by: "etcdctl get /calico/ipam/v2/host",
      measure: (world) => world.etcdctl("get", "--prefix", "--keys-only", "/calico/ipam/v2/host"),
      healthy: /^(?![\s\S]*ghost)/,
      bitten: /ghost/,
    },
    named: { checks: ["ipam/dcos", "containers/dcos"], at: "dcos", found: /ghost/ },
  },
  {
    name: "an address that a container uses is free for the next one",
    soak: true,
    layer: "ipam",
    uses: ["kubernetes/worker-2"],
    async plant(world) {
      await world.keep("ipamblocks", file(await world.block("kubernetes/worker-2")));
      const address = await world.container("kubernetes/worker-2");
      await world.calicoctl("kubernetes", ["ipam", "release", `--ip=${address}`]);
    },
    mend: async (world) =>
      world.giveBack("ipamblocks", file(await world.block("kubernetes/worker-2"))),
    bite: {
      by: "calicoctl ipam show --ip",
      measure: async (world) =>
        world.calicoctl("kubernetes", [
          ...["ipam", "show", `--ip=${await world.container("kubernetes/worker-2")}`],
        ]),
      healthy: /is in use/,
      bitten: /is not assigned/,
    },
    named: {
      checks: ["ipam/kubernetes", "containers/kubernetes"],
      at: "kubernetes",
      found: /worker-2/,
    },
  },
  {
    name: "a second node has a container with the same address",
    soak: true,
    layer: "ipam",
    uses: ["dcos/agent-2", "dcos/agent-3"],
    async plant(world) {
      const address = await world.container("dcos/agent-2");
      const cable = await world.cable("dcos/agent-3");
      // Felix takes away a route to a container that it does not know.
      await world.must("dcos/agent-3", "kill", "-STOP", await felixOn(world, "dcos/agent-3"));
      await world.must("dcos/agent-3", "ip", "route", "add", address, "dev", cable);
    },
    async mend(world) {
      const address = await world.container("dcos/agent-2");
      const cable = await world.cable("dcos/agent-3");
      await world.must("dcos/agent-3", "ip", "route", "del", address, "dev", cable);
      await world.must("dcos/agent-3", "kill", "-CONT", await felixOn(world, "dcos/agent-3"));
    },
    bite: {
      by: "gobgp global rib",
      measure: async (world) =>
        (await world.gobgp("global", "rib")).includes(`${await world.container("dcos/agent-2")}/32`)
          ? "a host route"
          : "none",
      healthy: /^none$/,
      bitten: /^a host route$/,
    },
    named: { checks: ["rib/reflector", "kernel/dcos/agent-3/routes"], at: "dcos/agent-3" },
    explained: {
      ...{ from: "kubernetes/worker-2", to: "dcos/agent-2" },
      ...{ link: "rib", at: "reflector" },
    },
  },
];
