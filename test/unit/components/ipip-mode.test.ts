import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { compareCluster } from "../../../components/kubernetes/inspect/compare";
import { renderTraffic, trafficOf } from "../../../components/speakers/calico/inspect/traffic";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import type { Plan } from "../../../plan";
import { bgpState, nodeState } from "../../helpers/inspection";
import { calico, joined, pool } from "../../helpers/joined-cluster";
import { rackPlan, twoRacks } from "../../helpers/racks";

/** Two racks with routers, and a cluster over both that asks for its tunnel to stay. */
function planWith(ipipMode: string | undefined, reflectors: object = twoRacks.reflectors): Plan {
  const { blue, green } = twoRacks.coes;
  const own = ipipMode === undefined ? blue : { ...blue, ipipMode };
  return rackPlan({ ...twoRacks, reflectors, coes: { blue: own, green } });
}

const modes = (plan: Plan, coe: string) =>
  Object.values(calicoObjects(calicoPlan(plan, coe)).pools).map(({ spec }) => [
    spec.cidr,
    spec.ipipMode,
  ]);

test("the pools of a COE that asks for CrossSubnet have it, and those of no other", () => {
  const plan = planWith("CrossSubnet");
  expect([modes(plan, "blue"), modes(plan, "green")]).toEqual([
    [["10.64.0.0/16", "CrossSubnet"]],
    [["10.65.0.0/16", "Never"]],
  ]);
  expect(planWith("Never")).toEqual(planWith(undefined));
});

test("a tunnel is of IPv4: pools of IPv6 have none", () => {
  const plan = makePlan(
    parseConfig({
      network: { nodes: ["10.1.1.0/24", "2001:db8:1::/64"], asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "10.1.1.5", address6: "2001:db8:1::5" } },
      coes: {
        blue: {
          kind: "kubernetes",
          podCidr: ["10.64.0.0/16", "2001:db8:64::/64"],
          policy: "open",
          ipipMode: "CrossSubnet",
          access: { kubeconfig: "kubeconfig" },
          nodes: { one: { address: "10.1.1.11", address6: "2001:db8:1::11" } },
        },
      },
    }),
  );
  expect(modes(plan, "blue")).toEqual([
    ["10.64.0.0/16", "CrossSubnet"],
    ["2001:db8:64::/64", "Never"],
  ]);
});

const nodes = [
  { ...nodeState("blue-1", "10.1.1.11"), network: "10.1.1.0/24" },
  { ...nodeState("blue-2", "10.1.2.11"), network: "10.1.2.0/24" },
];

/** What joining says of a cluster whose pool has that mode. */
function found(plan: Plan, ipipMode: string, operatorPools: readonly string[] = []): string[] {
  const coe = plan.coes.blue;
  if (coe === undefined) throw new Error("no blue");
  const pools = [{ ...pool, name: "10-64-0-0-16", cidr: "10.64.0.0/16", ipipMode, ours: true }];
  const own = { ...calico, nodes, pools, blocks: [], peers: [], operatorPools };
  const seen = { ...joined, serviceCidr: undefined, nodes, calico: own };
  return compareCluster(coe, calicoPlan(plan, "blue"), seen)
    .filter(({ id }) => /^(pool|nodes|calico)\//.test(id))
    .map(({ level, id, found: what }) => `${level} ${id}: ${what}`);
}

test("joining leaves a tunnel that is asked for, and takes away one that is not", () => {
  expect(found(planWith("CrossSubnet"), "CrossSubnet")).toEqual([]);
  expect(found(planWith(undefined), "CrossSubnet")).toEqual([
    "changes pool/10-64-0-0-16/spec: ipipMode CrossSubnet -> Never",
  ]);
  expect(found(planWith("CrossSubnet"), "Always")).toEqual([
    "changes pool/10-64-0-0-16/spec: ipipMode Always -> CrossSubnet",
  ]);
});

test("nodes in two networks need no tunnel where the routers of both are the plan's", () => {
  const without = planWith(undefined, { rr: { kind: "gobgp", address: "10.1.1.5" } });
  expect(found(without, "CrossSubnet")).toEqual([
    "blocks nodes/networks: nodes are in 2 networks by their masks: 10.1.1.0/24 (blue-1), 10.1.2.0/24 (blue-2); pool 10-64-0-0-16 has ipipMode CrossSubnet",
    "changes pool/10-64-0-0-16/spec: ipipMode CrossSubnet -> Never",
  ]);
  expect(found(planWith(undefined), "CrossSubnet")).toEqual([
    "changes pool/10-64-0-0-16/spec: ipipMode CrossSubnet -> Never",
  ]);
});

test("traffic of a node keeps the mode that is asked for", () => {
  const plan = planWith("CrossSubnet");
  const coe = plan.coes.blue;
  if (coe === undefined) throw new Error("no blue");
  const pools = [{ ...pool, cidr: "10.64.0.0/16", ipipMode: "CrossSubnet" }];
  const seen = { nodes, pools, bgp: bgpState(64511, true), peers: [] };
  expect(renderTraffic(trafficOf(coe, calicoPlan(plan, "blue"), seen))).toEqual([
    "traffic blue-1, blue-2: mesh, IPIP CrossSubnet -> reflector, IPIP CrossSubnet",
  ]);
});
