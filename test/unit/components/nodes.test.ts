import type { Kubectl } from "../../../components/cluster/kubectl";
import { nodeAddress, readNodes } from "../../../components/cluster/nodes";

interface Given {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly addresses?: readonly (readonly [type: string, address: string])[];
}

const node = (name: string, { labels = {}, annotations = {}, addresses = [] }: Given) => ({
  metadata: { name, labels, annotations },
  status: { addresses: addresses.map(([type, address]) => ({ type, address })) },
});
const internal = (address: string) => [["InternalIP", address] as const];

const cluster =
  (...items: readonly object[]): Kubectl =>
  () =>
    Promise.resolve({ code: 0, stdout: JSON.stringify({ items }), stderr: "" });

test("name, address and role of each node; its AS where it has one of its own", async () => {
  const nodes = await readNodes(
    "prod",
    cluster(
      node("control-1", {
        labels: { "node-role.kubernetes.io/control-plane": "" },
        addresses: internal("192.0.2.1"),
      }),
      node("old-master", {
        labels: { "node-role.kubernetes.io/master": "" },
        addresses: internal("192.0.2.2"),
      }),
      node("ip-192-0-2-3.example.net", {
        annotations: { "projectcalico.org/ASNumber": "64513" },
        addresses: internal("192.0.2.3"),
      }),
    ),
  );
  expect(nodes).toEqual({
    "control-1": { address: "192.0.2.1", role: "controller" },
    "old-master": { address: "192.0.2.2", role: "controller" },
    "ip-192-0-2-3.example.net": { address: "192.0.2.3", role: "worker", asn: 64513 },
  });
});

test("a node's AS is read as Calico reads it: what it does not, counts as none", async () => {
  const texts = ["64512.1", "010", "", "0xfc00", "4294967296", "AS64513"];
  const items = texts.map((asn, index) =>
    node(`w${index}`, {
      annotations: { "projectcalico.org/ASNumber": asn },
      addresses: internal(`192.0.2.${index + 1}`),
    }),
  );
  const nodes = Object.values(await readNodes("prod", cluster(...items)));
  const none = undefined;
  expect(nodes.map(({ asn }) => asn)).toEqual([4227858433, 10, none, none, none, none]);
});

test("the address that Calico has chosen for its sessions counts, then the first internal one of IPv4", () => {
  const addresses = [
    ["Hostname", "worker-1"],
    ["InternalIP", "2001:db8::1"],
    ["InternalIP", "192.0.2.4"],
  ] as const;
  const annotations = { "projectcalico.org/IPv4Address": "198.51.100.4/24" };
  expect(nodeAddress(node("worker-1", { addresses }))).toBe("192.0.2.4");
  expect(nodeAddress(node("worker-1", { addresses, annotations }))).toBe("198.51.100.4");
  expect(nodeAddress(node("worker-1", {}))).toBeUndefined();
});

test("virtual kubelets are left out, by their label or their taint", async () => {
  const linux = node("worker-1", { addresses: internal("192.0.2.6") });
  const labelled = node("vk-1", { labels: { type: "virtual-kubelet" } });
  const tainted = {
    ...node("vk-2", {}),
    spec: { taints: [{ key: "virtual-kubelet.io/provider" }] },
  };
  const read = await readNodes("prod", cluster(linux, labelled, tainted));
  expect(Object.keys(read)).toEqual(["worker-1"]);
});

test("an AS with a dot is one number, and an empty one is none", async () => {
  const of = (name: string, asn: string) =>
    node(name, {
      annotations: { "projectcalico.org/ASNumber": asn },
      addresses: internal("192.0.2.6"),
    });
  const read = await readNodes("prod", cluster(of("a", "1.10"), of("b", ""), of("c", "0x10")));
  expect(Object.values(read).map(({ asn }) => asn)).toEqual([65546, undefined, undefined]);
});

test("Windows nodes are left out", async () => {
  const windows = node("win-1", {
    labels: { "kubernetes.io/os": "windows" },
    addresses: internal("192.0.2.5"),
  });
  const linux = node("worker-1", { addresses: internal("192.0.2.6") });
  expect(Object.keys(await readNodes("prod", cluster(windows, linux)))).toEqual(["worker-1"]);
});

test.each([
  [
    cluster(node("a", {}), node("b", { addresses: internal("192.0.2.7") }), node("c", {})),
    "coes.prod.nodes: found a, c without an address; needed: an InternalIP, or Calico on it; wait for them, or write the nodes down",
  ],
  [cluster(), "coes.prod.nodes: the cluster has no nodes yet; write down those that are to come"],
])("says what is missing (%#)", async (kubectl, message) => {
  await expect(readNodes("prod", kubectl)).rejects.toMatchObject({ message, code: 2 });
});

test("a node has its address of each family; Calico's word counts in both", async () => {
  const both = [...internal("192.0.2.1"), ...internal("2001:db8::1")];
  const nodes = await readNodes(
    "prod",
    cluster(
      node("a", { addresses: both }),
      node("b", {
        annotations: { "projectcalico.org/IPv6Address": "2001:db8:18::9/64" },
        addresses: both,
      }),
      node("c", { addresses: internal("2001:db8::3") }),
    ),
  );
  expect(nodes).toEqual({
    a: { address: "192.0.2.1", address6: "2001:db8::1", role: "worker" },
    b: { address: "192.0.2.1", address6: "2001:db8:18::9", role: "worker" },
    c: { address: "2001:db8::3", role: "worker" },
  });
});
