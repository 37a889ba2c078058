import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { parseAsNumber } from "../../../util/as-number";

// The right-hand side is what Calico's own ASNumberFromString gives (strconv.ParseUint in base 10, 32 bits or 2 times 16).
test.each([
  ["64512", 64512],
  ["0", 0],
  ["010", 10],
  ["4294967295", 4294967295],
  ["4294967296", undefined],
  ["0.1", 1],
  ["64512.1", 4227858433],
  ["65535.65535", 4294967295],
  ["65536.0", undefined],
  ["1.65536", undefined],
  ["1.2.3", undefined],
  ["1.", undefined],
  [".1", undefined],
  [".", undefined],
  ["", undefined],
  [" 64512", undefined],
  ["+64512", undefined],
  ["-1", undefined],
  ["0xfc00", undefined],
  ["64_512", undefined],
  ["6e4", undefined],
  ["AS64512", undefined],
])("%j is AS %s", (text, asn) => {
  expect(parseAsNumber(text)).toBe(asn);
});

const config = (network: unknown, node: unknown) => ({
  network: { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn: network },
  reflectors: { rr: { kind: "gobgp", address: "192.0.2.1", asn: "65000" } },
  coes: {
    k: {
      kind: "kubernetes",
      podCidr: "10.64.0.0/16",
      policy: "open",
      access: { kubeconfig: "~/.kube/config" },
      nodes: { a: { address: "192.0.2.2", asn: node } },
    },
  },
});

test("an AS may be written as a text, with two halves too", () => {
  const { network, reflectors, coes } = parseConfig(config("64512.10", "64086.59905"));
  expect(network.asn).toBe(4227858442);
  expect(reflectors.rr?.asn).toBe(65000);
  expect(coes.k?.nodes.a?.asn).toBe(4200000001);
});

test("a dotted form that YAML has read as a number is told how to be written, and what is none is refused", () => {
  expect(() => parseConfig(config(64512.1, "0xfc00"))).toThrow(
    expect.objectContaining({
      code: 2,
      message: `2 problems in the configuration
coes.k.nodes.a.asn: found "0xfc00"; allowed: a number
network.asn: found 64512.1; the dotted form is a text, such as "64512.10"; allowed: 1 to 4294967294 without 23456 and 65535; for private use 64512 to 65534 (RFC 6996)`,
    }),
  );
  expect(() => parseConfig(config("0.0", "65536.0"))).toThrow(
    "network.asn: found 0, which is reserved",
  );
});

test("a node has its own AS, else its COE's, else the network's", () => {
  const { coes } = config(64511, undefined);
  const raw = {
    ...config(64511, undefined),
    coes: {
      k: {
        ...coes.k,
        asn: 64600,
        nodes: { a: { address: "192.0.2.2" }, b: { address: "192.0.2.3", asn: 64601 } },
      },
      l: { ...coes.k, podCidr: "10.65.0.0/16", nodes: { c: { address: "192.0.2.4" } } },
    },
  };
  const plan = makePlan(parseConfig(raw));
  const asns = Object.values(plan.coes).flatMap(({ nodes }) =>
    Object.values(nodes).map(({ id, asn }) => [id, asn]),
  );
  expect(asns).toEqual([
    ["k/a", 64600],
    ["k/b", 64601],
    ["l/c", 64511],
  ]);
});
