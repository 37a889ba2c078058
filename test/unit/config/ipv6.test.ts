import { parseConfig } from "../../../components/kinds/planning";

const access = { kubeconfig: "/nowhere" };
const given = {
  network: { nodes: "172.16.18.0/24", supernet: "192.168.0.0/16", asn: 64511 },
  reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
  coes: {
    east: {
      ...{ kind: "kubernetes", policy: "open", access, podCidr: "192.168.0.0/17", blockSize: 27 },
      serviceCidr: "10.96.0.0/16",
      nodes: {
        a: { address: "172.16.18.33" },
        b: { address: "172.16.18.34" },
      },
    },
    west: {
      ...{ kind: "dcos", policy: "open", podCidr: "192.168.128.0/17" },
      access: { url: "http://127.0.0.1:18080", etcd: ["http://127.0.0.1:12379"] },
      nodes: { c: { address: "172.16.18.43" } },
    },
  },
};
const dual = () =>
  parseConfig({ ...given, network: { ...given.network, ipv6: "2001:db8:18::/96" } });

test("one line gives everything of IPv4 its like of IPv6", () => {
  const { network, reflectors, coes } = dual();
  expect(network).toMatchObject({
    nodes: ["172.16.18.0/24", "2001:db8:18::ac10:1200/120"],
    supernet: ["192.168.0.0/16", "2001:db8:18::c0a8:0/112"],
  });
  expect(reflectors.rr?.address6).toBe("2001:db8:18::ac10:1220");
  expect(coes.east).toMatchObject({
    podCidr: ["192.168.0.0/17", "2001:db8:18::c0a8:0/113"],
    serviceCidr: ["10.96.0.0/16", "2001:db8:18::a60:0/112"],
    blockSize6: 123,
  });
});

test("what has IPv6 already, and COEs that cannot have it, stay as they are", () => {
  const own = ["172.16.18.0/24", "2001:db8:18::ac10:0/112"];
  const b = { address: "172.16.18.34", address6: "2001:db8:18::ac10:1299" };
  const { east } = given.coes;
  const { coes, network } = parseConfig({
    ...{ ...given, network: { ...given.network, nodes: own, ipv6: "2001:db8:18::/96" } },
    coes: { ...given.coes, east: { ...east, nodes: { ...east.nodes, b } } },
  });
  expect(network.nodes).toEqual(own);
  expect(coes.east?.nodes).toEqual({
    a: { address: "172.16.18.33", address6: "2001:db8:18::ac10:1221" },
    b: { address: "172.16.18.34", address6: "2001:db8:18::ac10:1299" },
  });
  expect(coes.west).toMatchObject({
    podCidr: "192.168.128.0/17",
    nodes: { c: { address: "172.16.18.43" } },
  });
});

test("without that line nothing is added", () => {
  const { coes, network } = parseConfig(given);
  expect(network.nodes).toBe("172.16.18.0/24");
  expect(coes.east?.podCidr).toBe("192.168.0.0/17");
});

test.each([
  ["192.168.0.0/17", { address: "172.16.18.33", role: "worker" }],
  [
    ["192.168.0.0/17", "2001:db8:1::/64"],
    { address: "172.16.18.33", address6: "2001:db8:18::33", role: "worker" },
  ],
  ["2001:db8:1::/64", { address: "2001:db8:18::33", role: "worker" }],
])(
  "nodes of a dual-stack cluster with podCidr %j have the addresses that it needs",
  (pods, expected) => {
    const nodes = { a: { address: "172.16.18.33", address6: "2001:db8:18::33", role: "worker" } };
    const { coes } = parseConfig(
      {
        network: { nodes: ["172.16.18.0/24", "2001:db8:18::/64"], asn: 64511 },
        reflectors: reflectorFor(pods),
        coes: {
          east: {
            ...{ kind: "kubernetes", policy: "open", access },
            podCidr: pods,
            nodes: "fromCluster",
          },
        },
      },
      { readNodes: () => nodes },
    );
    expect(coes.east?.nodes).toEqual({ a: expected });
  },
);

/** A reflector that has an address of each family of a range. */
function reflectorFor(pods: string | readonly string[]) {
  const has = (mark: string) => [pods].flat().some((range) => range.includes(mark));
  const [four, six] = ["172.16.18.32", "2001:db8:18::32"];
  const address = has(".") ? four : six;
  return {
    rr: {
      ...{ kind: "gobgp", address },
      ...(has(".") && has("::") ? { address6: six } : {}),
      ...(has(".") ? {} : { routerId: "10.0.0.1" }),
    },
  };
}
