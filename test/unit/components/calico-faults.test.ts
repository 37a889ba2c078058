import { type JoinedState, objectFaults } from "../../../components/speakers/calico/faults";
import type { Finding } from "../../../components/speakers/calico/inspect/finding";
import type {
  DatastoreState,
  PolicyState,
  PoolState,
} from "../../../components/speakers/calico/inspect/state";
import { calicoPlan } from "../../../components/speakers/calico/objects";
import { bgpState, peerState, poolState } from "../../helpers/inspection";
import { guarded, plan } from "../verify/fixture";

/* What a cluster that has joined says of Calico's objects, and what is wrong with it. */

/** `allow-all` as the API server and calicoctl 3.31 give it back, with what Calico fills in. */
const allowAll = {
  kind: "GlobalNetworkPolicy",
  name: "default.allow-all",
  spec: {
    tier: "default",
    ingress: [{ action: "Allow", source: {}, destination: {} }],
    egress: [{ action: "Allow", source: {}, destination: {} }],
    selector: "has(projectcalico.org/orchestrator)",
    types: ["Ingress", "Egress"],
  },
  ours: undefined,
};

const joined: DatastoreState = {
  pools: [poolState("192-168-0-0-17", "192.168.0.0/17")],
  blocks: [{ cidr: "192.168.7.0/26", node: "worker-1", used: 1 }],
  bgp: bgpState(64511, false),
  peers: [peerState("172-16-18-32", "172.16.18.32", 64511)],
  policies: [],
  tiers: [],
  hostEndpoints: { names: [], automatic: false },
  taken: [allowAll],
  nodes: [],
};

function faults(change: Partial<DatastoreState>, over: Partial<JoinedState> = {}) {
  const { kubernetes: coe } = plan.coes;
  if (coe === undefined) throw new Error("no kubernetes in the fixture");
  return objectFaults({
    ...{ coe, plan: calicoPlan(plan, "kubernetes"), findings: [], putBack: "put back" },
    ...{ state: { ...joined, ...change }, ...over },
  });
}

const told = (change: Partial<DatastoreState>) =>
  faults(change).map(
    ({ group, object, found, expected }) => `${group}, ${object}: ${found} (${expected})`,
  );

test("nothing is wrong with what the plan has made", () => {
  expect(faults({})).toEqual([]);
});

const own = poolState("192-168-0-0-17", "192.168.0.0/17");
const stray = poolState("extra", "10.50.0.0/16");

test.each<[string, PoolState[], string[]]>([
  [
    "NAT",
    [{ ...own, natOutgoing: true, setBy: ["kubectl-patch"] }],
    ["pools, pool 192-168-0-0-17: natOutgoing true, set by kubectl-patch (natOutgoing false)"],
  ],
  [
    "tunnels",
    [{ ...own, ipipMode: "Always", vxlanMode: "CrossSubnet" }],
    [
      "pools, pool 192-168-0-0-17: ipipMode Always (ipipMode Never)",
      "pools, pool 192-168-0-0-17: vxlanMode CrossSubnet (vxlanMode Never)",
    ],
  ],
  [
    "a pool that is closed",
    [{ ...own, disabled: true, nodeSelector: "rack == '0'" }],
    [
      "pools, pool 192-168-0-0-17: disabled true (disabled false)",
      "pools, pool 192-168-0-0-17: nodeSelector rack == '0' (nodeSelector all())",
    ],
  ],
  [
    "no pool",
    [],
    [
      "pools, pool 192-168-0-0-17: no pool of 192.168.0.0/17 (pool 192-168-0-0-17 of 192.168.0.0/17)",
    ],
  ],
  [
    "a pool beside it",
    [own, stray],
    [
      "pools, pool extra: 10.50.0.0/16, enabled, with 0 blocks in use (no other pool for containers than 192.168.0.0/17)",
    ],
  ],
  ["a pool beside it that is closed", [own, { ...stray, disabled: true }], []],
  ["a pool for load balancers", [own, { ...stray, allowedUses: ["LoadBalancer"] }], []],
  ["a pool of the other family", [own, { ...stray, cidr: "fd00::/48" }], []],
])("pools: %s", (_, pools, expected) => {
  expect(told({ pools })).toEqual(expected);
});

test("peers that are missing, or say more than the plan", () => {
  const [peer] = joined.peers;
  if (peer === undefined) throw new Error("no peer");
  expect(told({ peers: [] })).toEqual([
    "peers, BGPPeer 172-16-18-32: no such peer (172.16.18.32 in AS 64511)",
  ]);
  expect(told({ peers: [{ ...peer, asn: 64512 }] })).toEqual([
    "peers, BGPPeer 172-16-18-32: 172.16.18.32 in AS 64512 (172.16.18.32 in AS 64511)",
  ]);
  const others = { node: "worker-1", filters: ["none-of-ours"], password: { secretKeyRef: {} } };
  expect(told({ peers: [{ ...peer, others }] })).toEqual([
    "peers, BGPPeer 172-16-18-32: node worker-1 (172.16.18.32 in AS 64511)",
    "peers, BGPPeer 172-16-18-32: a password (172.16.18.32 in AS 64511)",
    "peers, BGPPeer 172-16-18-32: filters none-of-ours (filters none)",
  ]);
});

test.each<[string, string[] | undefined, [string, string, string][]]>([
  ["as planned", ["seamless-accepted"], []],
  [
    "that nobody names",
    undefined,
    [
      [
        "filters none",
        "BGPFilter seamless-accepted is not in force: nodes take whatever this session sends them",
        "idle",
      ],
    ],
  ],
  [
    "beside another",
    ["drop-all", "seamless-accepted"],
    [
      [
        "filters drop-all, seamless-accepted",
        "filters of others decide which routes are sent and taken",
        "others",
      ],
    ],
  ],
  [
    "replaced by another",
    ["drop-all"],
    [
      [
        "filters drop-all",
        "BGPFilter seamless-accepted is not in force: nodes take whatever this session sends them; filters of others decide which routes are sent and taken",
        "idle",
      ],
    ],
  ],
])("the plan's filter, %s", (_, filters, expected) => {
  const calico = calicoPlan({ ...plan, nodeAcceptance: [] }, "kubernetes");
  const [peer] = joined.peers;
  if (peer === undefined) throw new Error("no peer");
  const spec = { importV4: [{ action: "Reject" }], importV6: [{ action: "Reject" }] };
  const filter = { kind: "BGPFilter", name: "seamless-accepted", spec, ours: undefined };
  const others: Record<string, unknown> = filters === undefined ? {} : { filters };
  const state = { ...joined, peers: [{ ...peer, others }], taken: [allowAll, filter] };
  const found = faults({}, { plan: calico, state });
  expect(found.map((one) => [one.found, one.effect, one.filters])).toEqual(expected);
  expect(found.map((one) => one.expected)).toEqual(expected.map(() => "filters seamless-accepted"));
});

test("the plan's own policy that is gone, or says something else", () => {
  expect(told({ taken: [] })).toEqual([
    "policies, GlobalNetworkPolicy allow-all: it is not there (there, as the plan has it)",
  ]);
  const narrow = [{ action: "Allow", source: { nets: ["10.0.0.0/8"] } }];
  const taken = [{ ...allowAll, spec: { ...allowAll.spec, ingress: narrow } }];
  expect(told({ taken })).toEqual([
    'policies, GlobalNetworkPolicy allow-all: ingress [{"action":"Allow","source":{"nets":["10.0.0.0/8"]}}] (ingress [{"action":"Allow"}])',
  ]);
});

const deny: PolicyState = {
  ...{ kind: "GlobalNetworkPolicy", name: "default.deny", tier: "default", order: 5 },
  ...{ denies: true, staged: false },
};

test.each<[string, PolicyState, boolean]>([
  ["that denies at an order", deny, true],
  ["of an earlier tier", { ...deny, tier: "adminnetworkpolicy", order: undefined }, true],
  ["that is only tried out", { ...deny, staged: true }, false],
  ["that denies nothing by a rule", { ...deny, denies: false }, false],
  ["without an order, behind it by name", { ...deny, name: "default.zz", order: undefined }, false],
])("a policy before the plan's %s", (_, policy, bites) => {
  expect(told({ policies: [policy] })).toHaveLength(bites ? 1 : 0);
});

test("the policy that keeps containers from the datastore is the plan's own", () => {
  const policy = { ...deny, name: "seamless-datastore", order: 0 };
  const calico = calicoPlan(plan, "kubernetes");
  const datastores = { members: ["172.16.18.43"], virtual: [] };
  const state = { ...joined, policies: [policy] };
  const found = faults({}, { plan: { ...calico, datastores }, state });
  expect(found).toEqual([]);
});

test("sets and the tier of a plan that lets in some are compared, too", () => {
  const closed = guarded("kubernetes");
  const found = faults({ taken: [] }, { plan: calicoPlan(closed, "kubernetes") });
  expect(found.map(({ object }) => object)).toEqual(["GlobalNetworkPolicy seamless.cross-coe"]);
  const taken = [{ ...allowAll, kind: "Tier", name: "other", spec: {} }];
  const state = { ...joined, taken };
  const tiers = faults({}, { plan: calicoPlan(closed, "kubernetes"), state });
  expect(tiers.map(({ object }) => object)).toEqual([
    "Tier seamless",
    "GlobalNetworkPolicy seamless.cross-coe",
  ]);
});

test("ranges of services that nodes are not told to announce", () => {
  const announced = { clusterIPs: "10.96.0.0/16" };
  const calico = { ...calicoPlan(plan, "kubernetes"), announced };
  expect(faults({}, { plan: calico }).map(({ found, expected }) => [found, expected])).toEqual([
    ["clusterIPs none", "clusterIPs with 10.96.0.0/16"],
  ]);
});

test("what joining would change is a fault after it, with what the plan says as its expectation", () => {
  const mesh: Finding = {
    id: "bgp/mesh",
    level: "changes",
    found: "the node-to-node mesh is on, set by kubectl-patch; the plan has it off",
    effect: "it goes off only then",
    advice: "these fields are taken over from kubectl-patch",
  };
  const kept: Finding = { id: "bgp/communities", level: "notes", found: "a", effect: "b" };
  expect(faults({}, { findings: [mesh, kept] })).toEqual([
    {
      group: "bgp",
      object: "bgp/mesh",
      found: "the node-to-node mesh is on, set by kubectl-patch",
      expected: "the plan has it off",
      effect: "nodes take routes from each other, past what the reflectors accept",
      remedy: "put back; these fields are taken over from kubectl-patch",
    },
  ]);
});
