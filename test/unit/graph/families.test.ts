import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import { addressesGraph } from "../../../graph/addresses";
import { pathEnd, pathFamily } from "../../../graph/ends";
import { pathGraph } from "../../../graph/path";
import { topologyGraph } from "../../../graph/topology";
import { planIn } from "../../../plan/one-family";

const coe = (pods: readonly string[], last: number) => ({
  ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/nowhere" }, podCidr: pods },
  nodes: { node: { address: `172.16.18.${last}`, address6: `2001:db8:18::${last}` } },
});
const plan = makePlan(
  parseConfig({
    network: { nodes: ["172.16.18.0/24", "2001:db8:18::/120"], asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: "172.16.18.1", address6: "2001:db8:18::1" } },
    coes: {
      one: coe(["192.168.0.0/17", "2001:db8:1::/64"], 11),
      two: coe(["192.168.128.0/17", "2001:db8:2::/64"], 12),
    },
  }),
);

test("hosts have both addresses in the picture of the topology", () => {
  const { nodes } = topologyGraph(plan);
  expect(nodes.map(({ lines }) => lines)).toEqual([
    ["rr", "gobgp, 172.16.18.1", "2001:db8:18::1", "AS 64511"],
    ["node", "worker, 172.16.18.11", "2001:db8:18::11", "AS 64511"],
    ["node", "worker, 172.16.18.12", "2001:db8:18::12", "AS 64511"],
  ]);
});

test("what is used of a node network is counted in its own family", () => {
  const lines = addressesGraph(plan).nodes.map((node) => node.lines.join("; "));
  expect(lines).toContain("172.16.18.0/24; node network; 3 used, 251 free");
  expect(lines).toContain("2001:db8:18::/120; node network; 3 used, 253 free");
  expect(lines).toContain("2001:db8:1::/64; one; 2^58 x /122");
});

test("a packet of IPv6 goes by the next hop of IPv6", () => {
  const [from, to] = ["2001:db8:1::5", "2001:db8:2::9"].map((one) => pathEnd(plan, one));
  if (from === undefined || to === undefined) throw new Error("an end that is not in the plan");
  const labels = pathGraph(plan, from, to, routerTraits).edges.map(({ label }) => label);
  expect(labels).toContain("2001:db8:2::/122 via 2001:db8:18::12");
  expect(labels).toContain("2001:db8:1::/122 via 2001:db8:18::11");
});

test.each([
  ["one", "two", false, 4, "192.168.128.0/26 via 172.16.18.12"],
  ["one", "two", true, 6, "2001:db8:2::/122 via 2001:db8:18::12"],
  ["one", "2001:db8:2::9", false, 6, "2001:db8:2::/122 via 2001:db8:18::12"],
])("the path from %s to %s (IPv6 asked for: %s) is of IPv%s", (from, to, six, family, label) => {
  const endIn = (own: typeof plan, one: string) => {
    const end = pathEnd(own, one);
    if (end === undefined) throw new Error(`${one} is not in the plan`);
    return end;
  };
  expect(pathFamily([endIn(plan, from), endIn(plan, to)], [from, to], six)).toBe(family);
  const own = planIn(plan, family === 6 ? 6 : 4);
  const { edges } = pathGraph(own, endIn(own, from), endIn(own, to), routerTraits);
  expect(edges.map((edge) => edge.label)).toContain(label);
});
