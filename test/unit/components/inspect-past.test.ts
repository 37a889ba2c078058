/** What a cluster with a past has, field by field, and what joining does to it. */
import { poolOf } from "../../../components/speakers/calico/inspect/v3";
import { bgpState, peerState } from "../../helpers/inspection";
import {
  calico,
  findings,
  joined,
  pool,
  short,
  withBgp,
  withCalico,
  withPool,
} from "../../helpers/joined-cluster";

const adopted = { pool: "default-ipv4-ippool" };
const past = { ...pool, name: "default-ipv4-ippool", ours: false };

test("fields of an adopted pool that joining keeps are said, with what they do", () => {
  const kept = {
    ...past,
    nodeSelector: "rack == '0'",
    assignmentMode: "Manual",
    disabled: true,
    others: { namespaceSelector: "team == 'a'" },
  };
  expect(findings(withCalico({ pools: [kept] }), adopted)).toEqual([
    {
      id: "pool/default-ipv4-ippool/kept",
      level: "notes",
      found:
        "disabled true, assignmentMode Manual, nodeSelector rack == '0', namespaceSelector \"team == 'a'\"; it stays",
      effect:
        "new containers get no addresses of it; only containers that ask for it get addresses of it; containers on other nodes get addresses of other pools, or none; namespaceSelector works as before",
    },
  ]);
});

test("fields that the plan relies on are in the way", () => {
  const useless = { ...past, disableBGPExport: true, allowedUses: ["Tunnel"] };
  expect(short(withCalico({ pools: [useless] }), adopted)).toEqual([
    "blocks pool/default-ipv4-ippool/allowedUses: allowedUses Tunnel",
    "blocks pool/default-ipv4-ippool/disableBGPExport: disableBGPExport true",
  ]);
});

test("a pool of the plan's name that somebody else has made is to be adopted", () => {
  expect(findings(withPool({ ours: false }))).toEqual([
    {
      id: "pool/192-168-0-0-17",
      level: "blocks",
      found: "192.168.0.0/17 was there before the plan",
      effect: "the stack would take it over, and remove it when the stack is destroyed",
      advice: "adopt it: set coes.kubernetes.pool: 192-168-0-0-17",
    },
  ]);
  expect(short(withPool({ ours: false }), { pool: "192-168-0-0-17" })).toEqual([]);
  expect(short(withPool({ ours: true }))).toEqual([]);
});

test("a selector of a pool that is not adopted is overwritten", () => {
  expect(short(withPool({ nodeSelector: "zone == 'b'" }))).toEqual([
    "changes pool/192-168-0-0-17/spec: nodeSelector zone == 'b' -> all()",
  ]);
  // Under another name it is not the plan's, and is to be adopted.
  expect(short(withPool({ name: "old", nodeSelector: "zone == 'b'" }))).toEqual([
    "blocks pool/old: 192.168.0.0/17 under this name; the plan's pool is 192-168-0-0-17",
  ]);
});

test("the operator's pools are its own, labelled or not", () => {
  const operatorPools = ["192.168.0.0/17"];
  expect(
    short(withCalico({ pools: [{ ...past, natOutgoing: true }], operatorPools }), adopted),
  ).toEqual([
    "blocks calico/operator: 192.168.0.0/17 is in calicoNetwork.ipPools of the operator's Installation",
    "changes pool/default-ipv4-ippool/spec: natOutgoing true -> false",
  ]);
  expect(short(withCalico({ pools: [past], operatorPools }), adopted)).toEqual([]);
});

const asRead = (name: string, spec: object) =>
  poolOf({ name, spec: { ...spec } }, undefined, { setBy: [], ours: false });

test("a pool for load balancers or tunnels is no pool of containers", () => {
  const balancers = asRead("lb", { cidr: "10.30.0.0/24", allowedUses: ["LoadBalancer"] });
  expect(findings(withCalico({ pools: [pool, balancers] }))).toEqual([
    {
      id: "pool/lb",
      level: "notes",
      found: "10.30.0.0/24 for LoadBalancer with 0 blocks in use; it is not in the plan",
      effect:
        "no container has an address of it; it stays, and the reflector does not pass its addresses on",
    },
  ]);
});

test("a range with host bits is read as Calico reads it", () => {
  const odd = asRead("old", { cidr: "10.244.5.1/16" });
  expect(short(withCalico({ pools: [pool, odd] }))).toEqual([
    "notes pool/old: 10.244.0.0/16 (stored as 10.244.5.1/16) with 0 blocks in use; it is not in the plan",
  ]);
  const own = asRead("default-ipv4-ippool", { cidr: "192.168.1.1/17" });
  expect(short(withCalico({ pools: [own] }), adopted)).toEqual([
    "blocks pool/default-ipv4-ippool/cidr: stored as 192.168.1.1/17, which Calico reads as 192.168.0.0/17",
  ]);
  const broken = asRead("broken", { cidr: "10.244.0.0" });
  expect(short(withCalico({ pools: [pool, broken] }))).toEqual([
    'blocks pool/broken: "10.244.0.0", which is no range',
  ]);
});

test("ranges of services that are announced stay, and those of the plan are added", () => {
  const services = { clusterIPs: [], externalIPs: [], loadBalancerIPs: ["10.50.0.0/16"] };
  const seen = withBgp({ services, setBy: ["calicoctl"] });
  const kept = "notes bgp/serviceLoadBalancerIPs/kept: 10.50.0.0/16, not in the plan";
  expect(short(seen)).toEqual([kept]);
  const planned = { loadBalancerCidr: "10.97.0.0/24" };
  expect(short(seen, planned)).toEqual([
    "changes bgp/serviceLoadBalancerIPs: 10.50.0.0/16, set by calicoctl; the plan adds 10.97.0.0/24",
    kept,
  ]);
  const both = { ...services, loadBalancerIPs: ["10.50.0.0/16", "10.97.0.0/24"] };
  expect(short(withBgp({ services: both }), planned)).toEqual([kept]);
});

test("every other field of the BGP configuration is said, but those of no matter to routes", () => {
  const others = {
    communities: [{ name: "x", value: "64512:1" }],
    ignoredInterfaces: ["br0"],
    listenPort: 1790,
    logSeverityScreen: "Debug",
    bindMode: "None",
    serviceLoadBalancerAggregation: "Enabled",
    newField: 1,
  };
  const byNode = { "worker-1": { logSeverityScreen: "Debug", ignoredInterfaces: ["eth9"] } };
  expect(short(withBgp({ others, byNode }))).toEqual([
    'notes bgp/communities: communities [{"name":"x","value":"64512:1"}]; it stays',
    'notes bgp/ignoredInterfaces: ignoredInterfaces ["br0"]; it stays',
    "notes bgp/listenPort: listenPort 1790; it stays",
    "notes bgp/newField: newField 1; it stays",
    'notes bgp/node.worker-1/ignoredInterfaces: ignoredInterfaces ["eth9"]; it stays',
  ]);
});

test("fields that Calico does not take with the mesh off, and routes that BIRD does not give the kernel", () => {
  const others = {
    nodeMeshPassword: { secretKeyRef: { name: "a", key: "b" } },
    nodeMeshMaxRestartTime: "60s",
    programClusterRoutes: "EnabledIPIPOnly",
  };
  expect(short(withCalico({ bgp: { ...bgpState(64511, true), others } }))).toEqual([
    "blocks bgp/nodeMeshPassword: nodeMeshPassword is set, for the mesh that goes off",
    "blocks bgp/nodeMeshMaxRestartTime: nodeMeshMaxRestartTime is set, for the mesh that goes off",
    "blocks bgp/programClusterRoutes: programClusterRoutes EnabledIPIPOnly",
    "changes bgp/mesh: the node-to-node mesh is on; the plan has it off",
  ]);
  expect(short(withBgp({ others: { programClusterRoutes: "EnabledNoEncapOnly" } }))).toEqual([]);
});

const peer = peerState("rr", "172.16.18.32", 64511);

test.each<[string, object, readonly string[]]>([
  [
    "equal, under another name",
    peer,
    [
      "blocks peer/rr: 172.16.18.32 in AS 64511, which is reflector reflector; the plan's peer is 172-16-18-32",
      "apply the same peer under the name 172-16-18-32, which is adopted, and remove this one",
    ],
  ],
  [
    "of another AS, of one node",
    { ...peer, asn: 65000, others: { node: "worker-1", filters: ["a"], password: {} } },
    [
      'blocks peer/rr: 172.16.18.32 in AS 65000 (node worker-1, filters ["a"], password), which is reflector reflector; the plan\'s peer is 172-16-18-32',
      "remove it right before `pulumi up`, which makes 172-16-18-32",
    ],
  ],
  [
    "under the plan's name, of some nodes",
    { ...peer, name: "172-16-18-32", others: { nodeSelector: "rack == '0'" }, ours: false },
    [
      "blocks peer/172-16-18-32: 172.16.18.32 in AS 64511 (nodeSelector rack == '0'); the plan says AS 64511, on every node, and nothing else",
      "make it as the plan has it, or remove it right before `pulumi up`",
    ],
  ],
  [
    "under the plan's name, and equal",
    { ...peer, name: "172-16-18-32", ours: false },
    ["notes peer/172-16-18-32: 172.16.18.32 in AS 64511, as the plan has it, and there before", ""],
  ],
  ["of the stack's own", { ...peer, name: "172-16-18-32", asn: 65000, ours: true }, []],
])("a peer at the reflector's address, %s", (_, one, expected) => {
  const found = findings(withCalico({ peers: [{ ...peer, ...one }] }));
  expect(
    found.flatMap(({ level, id, found: text, advice = "" }) => [`${level} ${id}: ${text}`, advice]),
  ).toEqual(expected);
});

test("objects under the plan's names that somebody else has made", () => {
  const spec = {
    ingress: [{ action: "Allow" }],
    egress: [{ action: "Allow" }],
    selector: "role == 'db'",
    types: ["Ingress", "Egress"],
    tier: "default",
  };
  const policy = { kind: "GlobalNetworkPolicy", name: "default.allow-all", ours: false };
  const [planned] = findings(withCalico({ taken: [{ ...policy, spec }] }));
  expect(planned).toMatchObject({
    id: "GlobalNetworkPolicy/default.allow-all",
    level: "changes",
    effect: "the stack takes it over: it goes when the stack is destroyed",
  });
  expect(planned?.found).toMatch(/^there before: selector "role == 'db'" -> "/);
  expect(short(withCalico({ taken: [{ ...policy, spec, ours: true }] }))).toEqual([]);
});

test("fields that the cluster's definitions lack", () => {
  const definitions = {
    ...calico.definitions,
    IPPool: ["blockSize", "cidr", "ipipMode", "natOutgoing", "nodeSelector", "vxlanMode"],
  };
  const seen = withCalico({ definitions });
  expect(short(seen)).toEqual([]);
  expect(short(seen, { loadBalancerCidr: "10.97.0.0/24" })).toEqual([
    "blocks calico/definitions/IPPool.allowedUses: the cluster's definition has no field IPPool.allowedUses, which the plan sets",
    "notes calico/definitions/IPPool.assignmentMode: the cluster's definition has no field IPPool.assignmentMode, which the plan sets",
  ]);
});

test("a Calico whose objects are definitions of projectcalico.org/v3 is not supported", () => {
  expect(findings({ ...joined, calico: undefined, nativeV3: true })[0]).toEqual({
    id: "calico/api",
    level: "blocks",
    found: "Calico keeps its objects in projectcalico.org/v3, with no crd.projectcalico.org",
    effect: "what is applied here is of crd.projectcalico.org/v1, which this Calico does not read",
    advice: "this is not supported: use a Calico with definitions of crd.projectcalico.org",
  });
});

test("a backend that is not known is never taken for BIRD", () => {
  const unknown = { name: "unknown", from: "nothing sets CALICO_NETWORKING_BACKEND" };
  expect(short(withCalico({ backend: unknown }))).toEqual([
    "blocks calico/backend: not known whether nodes run BIRD: nothing sets CALICO_NETWORKING_BACKEND",
  ]);
});

test("dataplanes, and who gives routes to the kernel", () => {
  expect(short(withCalico({ dataplane: "BPF" }))).toEqual([
    "notes calico/dataplane: the dataplane is BPF",
  ]);
  expect(short(withCalico({ clusterRouting: "Felix" }))).toEqual([
    "blocks calico/clusterRoutingMode: clusterRoutingMode Felix in the operator's Installation",
  ]);
  expect(short(withCalico({ clusterRouting: "FelixIPIPOnly" }))).toEqual([]);
});
