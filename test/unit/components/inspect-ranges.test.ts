import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { peerFindings } from "../../../components/speakers/calico/inspect/peers";
import { poolFindings } from "../../../components/speakers/calico/inspect/pools";
import type { DatastoreState, PoolState } from "../../../components/speakers/calico/inspect/state";
import { calicoPlan } from "../../../components/speakers/calico/objects";

const config = readStackConfig("Pulumi.lab.yaml");
const ranges = ["192.168.0.0/18", "192.168.64.0/18"];

const pool: PoolState = {
  name: "rack-2",
  cidr: "192.168.64.0/18",
  blockSize: 26,
  ipipMode: "Never",
  vxlanMode: "Never",
  natOutgoing: false,
  disabled: false,
  disableBGPExport: false,
  nodeSelector: "all()",
  assignmentMode: "Automatic",
  allowedUses: ["Workload", "Tunnel"],
  others: {},
  managedBy: undefined,
  setBy: [],
  ours: false,
};

function findings(seen: PoolState) {
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const coes = { ...config.coes, kubernetes: { ...kubernetes, podCidr: ranges } };
  const plan = makePlan({ ...config, coes });
  const coe = plan.coes.kubernetes;
  if (coe === undefined) throw new Error("no kubernetes in the plan");
  const state: DatastoreState = {
    pools: [seen],
    blocks: [],
    bgp: {
      asn: 64511,
      mesh: false,
      setBy: [],
      services: { clusterIPs: [], externalIPs: [], loadBalancerIPs: [] },
      others: {},
      byNode: {},
    },
    peers: [],
    policies: [],
    tiers: [],
    hostEndpoints: { names: [], automatic: false },
    taken: [],
    nodes: [],
  };
  return poolFindings(coe, calicoPlan(plan, "kubernetes"), state, seen);
}

test("of several ranges a pool that is there is adopted by its range", () => {
  expect(findings(pool)).toMatchObject([
    {
      level: "blocks",
      found: "192.168.64.0/18 under this name; the plan's pool is 192-168-64-0-18",
      advice: "adopt it: set coes.kubernetes.pool: { 192.168.64.0/18: rack-2 }",
    },
  ]);
});

test("a pool beside those of the plan may be one of them", () => {
  expect(findings({ ...pool, cidr: "10.250.0.0/16" })).toMatchObject([
    {
      level: "notes",
      advice:
        "add 10.250.0.0/16 to coes.kubernetes.podCidr and its name to pool, or disable it (disabled: true), so that new containers get addresses of the plan",
    },
  ]);
});

test("a peer at the planned port is the plan's, and one at another port is not", () => {
  const { reflector } = config.reflectors;
  if (reflector === undefined) throw new Error("no reflector in the lab");
  const plan = makePlan({ ...config, reflectors: { reflector: { ...reflector, port: 1790 } } });
  const calico = calicoPlan(plan, "kubernetes");
  const peer = { name: "172-16-18-32", peer: "172.16.18.32", asn: 64511, ours: undefined };
  expect(peerFindings(calico, { peers: [{ ...peer, others: { port: 1790 } }] })).toEqual([]);
  expect(peerFindings(calico, { peers: [{ ...peer, others: {} }] })).toMatchObject([
    {
      level: "blocks",
      found:
        "172.16.18.32 in AS 64511; the plan says 172.16.18.32:1790 in AS 64511, on every node, and nothing else",
    },
  ]);
});
