import { openDatastore, report } from "../../../components/dcos/inspect";
import { compareDcos } from "../../../components/dcos/inspect/compare";
import type { CalicoDatastore, DcosState } from "../../../components/dcos/inspect/state";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { renderInspection } from "../../../components/speakers/calico/inspect/finding";
import type { PoolState } from "../../../components/speakers/calico/inspect/state";
import { policyOf } from "../../../components/speakers/calico/inspect/v3";
import { calicoPlan } from "../../../components/speakers/calico/objects";
import { bgpState, nodeState, nothingElse, peerState, poolState } from "../../helpers/inspection";

const lab = readStackConfig("Pulumi.lab.yaml");
const { kind, podCidr, nodes } = lab.coes.dcos ?? {};
/** The lab without its packages and its load balancer. */
const config = { ...lab, coes: { ...lab.coes, dcos: { kind, podCidr, policy: "open", nodes } } };
const access = { url: "https://dcos.example.com", etcd: ["http://172.16.18.42:2379"] };

const pool: PoolState = poolState("192-168-128-0-17", "192.168.128.0/17");
const datastore: CalicoDatastore = {
  ...nothingElse,
  version: "v3.14.0",
  pools: [pool],
  blocks: [{ cidr: "192.168.128.0/26" }],
  bgp: bgpState(64511, false),
  peers: [peerState("172-16-18-32", "172.16.18.32", 64511)],
  nodes: [],
};
const unit = (part: string, health = 0) => ({ id: `dcos-calico-${part}.service`, health });
/** A cluster without a Calico of its own, as planned. */
const joined: DcosState = { version: "2.0.5", units: [], datastore };
/** DC/OS's own Calico with BIRD, as planned. */
const own: DcosState = {
  version: "2.2.1",
  units: ["bird", "confd", "felix"].map((part) => unit(part)),
  datastore,
};
const withPool = (state: DcosState, changes: Partial<PoolState>): DcosState => ({
  ...state,
  datastore: { ...datastore, pools: [{ ...pool, ...changes }] },
});

type Changes = Readonly<Record<string, unknown>>;

function partOf(changes: Changes = {}) {
  const coes = { ...config.coes, dcos: { ...config.coes.dcos, access, ...changes } };
  const plan = makePlan(parseConfig({ ...config, coes }));
  const coe = plan.coes.dcos;
  if (coe === undefined) throw new Error("no dcos in the lab");
  return { coe, plan: calicoPlan(plan, "dcos") };
}

function findings(seen: DcosState, changes: Changes = {}) {
  const { coe, plan } = partOf(changes);
  return compareDcos(coe, plan, seen);
}
const short = (seen: DcosState, changes: Changes = {}) =>
  findings(seen, changes).map(({ level, id, found }) => `${level} ${id}: ${found}`);

/** What is good to know of any cluster with its own Calico. */
const known = [
  "notes node/master: DC/OS's own Calico runs on masters, too; the plan has no session with this one",
  "notes network: DC/OS's own Calico has the container network calico; apps of the plan are on calico-open",
];

test("a cluster that is as planned has nothing to say", () => {
  expect(short(joined)).toEqual([]);
  expect(short(own)).toEqual(known);
});

const plain = ["http://172.16.18.42:2379"];
const own2379 = "https://172.16.18.42:2379";
test.each([
  ["an etcd of access.etcd", {}, plain, plain],
  ["one of them with TLS", {}, [...plain, own2379], plain],
  ["one by the machine's own forward", {}, ["http://127.0.0.1:12379"], []],
  ["the package with Calico 2.x", { calicoApi: "v1", packages: { etcd: {} } }, plain, plain],
  ["the package, which the plan's policy closes", { packages: { etcd: {} } }, plain, []],
])("%s is open to containers where no policy closes it", (_, changes, etcdEndpoints, open) => {
  const agents = Object.fromEntries(
    ["43", "44", "46"].map((last) => [`agent-${last}`, { address: `172.16.18.${last}` }]),
  );
  const { coe } = partOf({ ...changes, nodes: agents });
  expect(openDatastore({ coe, etcdEndpoints })).toEqual(open);
});

test("a datastore that is open to containers is told", () => {
  expect(findings({ ...joined, openDatastore: plain })).toEqual([
    {
      id: "datastore/access",
      level: "notes",
      found: `${plain} without TLS; no policy of the plan keeps containers away from it`,
      effect: "a container that reaches it can change every pool, peer and policy of Calico",
      advice:
        "close its port to containers by a policy or a firewall, or let it ask for clients' certificates (https://)",
    },
  ]);
});

test("DC/OS's own Calico without BIRD is in the way, with the way out", () => {
  const units = [unit("confd"), unit("felix")];
  expect(findings({ ...own, units })[0]).toEqual({
    id: "calico/backend",
    level: "blocks",
    found:
      "DC/OS 2.2.1 has its own Calico without BIRD: dcos-calico-felix is there, dcos-calico-bird is not",
    effect: "no node would have a session with the reflector",
    advice:
      "set calico_vxlan_enabled: false in DC/OS's config.yaml and upgrade, or install DC/OS anew, with it",
  });
});

test("its pool tells that it was installed with VXLAN, where the unit of BIRD is there but not started", () => {
  const range = { name: "default-ipv4-ippool", cidr: "172.29.0.0/16", vxlanMode: "Always" };
  const found = findings(withPool(own, range));
  expect(found.map(({ level, id }) => `${level} ${id}`)).toEqual([
    "blocks calico/backend",
    "notes node/master",
    "notes network",
    "notes pool/default-ipv4-ippool",
  ]);
  expect(found[0]).toMatchObject({
    found:
      "pool default-ipv4-ippool has vxlanMode Always, with which DC/OS 2.2.1 runs its own Calico without BIRD",
    advice:
      "set calico_vxlan_enabled: false in DC/OS's config.yaml and upgrade, or install DC/OS anew, with it; if the pool is then still as it is, set its vxlanMode to Never with calicoctl",
  });
});

test.each<[string, Partial<PoolState>, Changes, readonly string[]]>([
  [
    "a pool that overlaps the plan",
    { name: "default-ipv4-ippool", cidr: "192.168.0.0/16" },
    {},
    [
      "blocks pool/default-ipv4-ippool: 192.168.0.0/16 with 1 blocks in use, 0 of them outside the plan's 192.168.128.0/17",
    ],
  ],
  [
    "a pool that overlaps another COE's range",
    { name: "default-ipv4-ippool", cidr: "192.168.64.0/18" },
    {},
    [
      "blocks pool/default-ipv4-ippool: 192.168.64.0/18 with 0 blocks in use, which overlaps 192.168.0.0/17 of kubernetes",
    ],
  ],
  [
    "the planned range under another name",
    { name: "default-ipv4-ippool" },
    {},
    [
      "blocks pool/default-ipv4-ippool: 192.168.128.0/17 under this name; the plan's pool is 192-168-128-0-17",
    ],
  ],
  [
    "the same, adopted: its tunnels and its NAT go off",
    { name: "default-ipv4-ippool", ipipMode: "Always", natOutgoing: true },
    { pool: "default-ipv4-ippool" },
    ["changes pool/default-ipv4-ippool/spec: ipipMode Always -> Never, natOutgoing true -> false"],
  ],
  [
    "the pool of an earlier plan does not give way while it is in use",
    { name: "192-168-128-0-18", cidr: "192.168.128.0/18" },
    {},
    [
      "blocks pool/192-168-128-0-18: 192.168.128.0/18 of an earlier plan with 64 addresses in use; the plan says 192.168.128.0/17",
    ],
  ],
  [
    "the pool of an earlier plan gives way when it is empty",
    { name: "192-168-192-0-18", cidr: "192.168.192.0/18" },
    {},
    [
      "changes pool/192-168-192-0-18: 192.168.192.0/18, named as a plan names pools; the plan says 192.168.128.0/17",
    ],
  ],
  [
    "the built-in pool beside the plan is left alone, and said",
    { name: "default-ipv4-ippool", cidr: "172.29.0.0/16" },
    {},
    ["notes pool/default-ipv4-ippool: 172.29.0.0/16 with 0 blocks in use; it is not in the plan"],
  ],
])("%s", (_, pools, changes, expected) => {
  expect(short(withPool(joined, pools), changes)).toEqual(expected);
});

test("AS, mesh and other peers, but not in a datastore that nobody uses yet", () => {
  const peers = [peerState("rack", "172.16.18.1", 65001)];
  const bgp = bgpState(64512, true);
  const seen = { ...joined, datastore: { ...datastore, bgp, peers } };
  expect(findings(seen).map(({ level, id, effect }) => [level, id, effect])).toEqual([
    [
      "changes",
      "bgp/as",
      "every session of every node is reset, and other peers have to expect the new AS",
    ],
    [
      "changes",
      "bgp/mesh",
      "sessions between nodes end when the peers are there; a node without routes from the reflector by then reaches only its own containers until it has them",
    ],
    ["notes", "peer/rack", "it stays: every node takes its routes, too"],
  ]);
  const empty = { ...datastore, pools: [], blocks: [], peers: [], bgp };
  expect(short({ ...joined, datastore: empty })).toEqual([]);
});

const past = { name: "default-ipv4-ippool" };
const withDatastore = (changes: Partial<CalicoDatastore>): DcosState => ({
  ...joined,
  datastore: { ...datastore, ...changes },
});

test("the other fields of pools and of the BGP configuration, as on Kubernetes", () => {
  const kept = { nodeSelector: "zone == 'a'", assignmentMode: "Manual", disableBGPExport: true };
  expect(short(withPool(joined, { ...past, ...kept }), { pool: past.name })).toEqual([
    "blocks pool/default-ipv4-ippool/disableBGPExport: disableBGPExport true",
    "notes pool/default-ipv4-ippool/kept: assignmentMode Manual, nodeSelector zone == 'a'; it stays",
  ]);
  const bgp = { ...bgpState(64511, false), others: { listenPort: 1790 } };
  const services = { ...bgp.services, externalIPs: ["10.50.0.0/24"] };
  expect(short(withDatastore({ bgp: { ...bgp, services } }))).toEqual([
    "notes bgp/serviceExternalIPs/kept: 10.50.0.0/24, not in the plan",
    "notes bgp/listenPort: listenPort 1790; it stays",
  ]);
});

test("peers at the reflector's address, policies and hosts, as on Kubernetes", () => {
  const peers = [peerState("rr", "172.16.18.32", 65000)];
  const policies = [
    policyOf("GlobalNetworkPolicy", {
      name: "quarantine",
      spec: { ingress: [{ action: "Deny" }] },
    }),
  ];
  const hostEndpoints = { names: ["master-eth0"], automatic: false };
  expect(short(withDatastore({ peers, policies, hostEndpoints }))).toEqual([
    "blocks peer/rr: 172.16.18.32 in AS 65000, which is reflector reflector; the plan's peer is 172-16-18-32",
    "blocks policy: policy open in the plan, and 1 GlobalNetworkPolicy (quarantine)",
    "notes policy/hosts: 1 HostEndpoints (master-eth0)",
  ]);
});

test("agents are known by their addresses, whatever Calico calls them", () => {
  const [first, ...others] = Object.values(nodes ?? {});
  if (first === undefined) throw new Error("no nodes in the lab");
  const known = others.map(({ address }, index) => ({
    ...nodeState(`ip-${index}`, address),
    ready: undefined,
    agent: undefined,
  }));
  const stranger = { ...nodeState("ip-9", "172.16.18.99"), ready: undefined, agent: undefined };
  const bgp = bgpState(64511, true);
  const found = short(withDatastore({ nodes: [...known, stranger], bgp }));
  expect(found.filter((line) => line.includes("node/"))).toEqual([
    "blocks node/ip-9: 172.16.18.99; it is not in the plan",
  ]);
  const { coe, plan } = partOf();
  const { traffic } = report(coe, plan, withDatastore({ nodes: [...known, stranger], bgp }));
  expect(traffic?.["ip-9"]).toEqual({
    before: "mesh, no tunnel",
    after: "none: it is not in the plan",
  });
});

test("units that are not well, and an API that DC/OS's own Calico does not read", () => {
  const units = [unit("bird", 1), unit("felix")];
  expect(short({ ...own, units }, { calicoApi: "v1" })).toEqual([
    "notes unit/dcos-calico-bird.service: not healthy on every node",
    "notes calico/api: calicoApi v1, and DC/OS 2.2.1, whose own Calico reads v3 objects",
    ...known,
  ]);
});

test("a version that says nothing leaves the units to tell", () => {
  expect(findings({ ...joined, version: "dev" })).toEqual([
    {
      id: "version",
      level: "notes",
      found: '"dev", which is no version of DC/OS such as 2.2.1',
      effect:
        "whether it brings its own Calico, as 2.1 and later do, is judged by its units alone: it does not",
    },
  ]);
});

test("a datastore that does not answer is said, unless it is still to be installed", () => {
  const silent = { ...joined, datastore: { unreachable: "gave up after 15 s" } };
  expect(findings(silent)).toEqual([
    {
      id: "datastore",
      level: "notes",
      found: "gave up after 15 s",
      effect: "Calico's pools, AS and peers could not be seen",
      advice: "check coes.dcos.access.etcd",
    },
  ]);
  const more = {
    ...nodes,
    "agent-8": { address: "172.16.18.98" },
    "agent-9": { address: "172.16.18.99" },
  };
  expect(findings(silent, { nodes: more, packages: { etcd: {} } })).toEqual([]);
  const network = { ...config.network, supernet: "172.29.0.0/16" };
  const coes = {
    dcos: { ...config.coes.dcos, access, podCidr: "172.29.128.0/17" },
  };
  const plan = makePlan(parseConfig({ network, reflectors: config.reflectors, coes }));
  const coe = plan.coes.dcos;
  if (coe === undefined) throw new Error("no dcos");
  const found = compareDcos(coe, calicoPlan(plan, "dcos"), {
    ...own,
    datastore: silent.datastore,
  });
  expect(found.map(({ level, id, found: text }) => `${level} ${id}: ${text}`)).toEqual([
    "blocks calico/range: 172.29.128.0/17 of the plan overlaps 172.29.0.0/16, from which DC/OS's own Calico assigns unless calico_network_cidr says otherwise",
    ...known,
    "notes datastore: gave up after 15 s",
  ]);
});

test("the report begins with the cluster in a few words", () => {
  const text = (seen: DcosState) => {
    const { coe, plan } = partOf();
    return renderInspection("dcos", report(coe, plan, seen))[0];
  };
  expect(text(own)).toBe("dcos: DC/OS 2.2.1, Calico v3.14.0 of its own, 1 pools, 1 blocks in use");
  const silent = { ...joined, datastore: { unreachable: "no answer" } };
  expect(text(silent)).toBe(
    "dcos: DC/OS 2.0.5, Calico not of its own, its datastore does not answer",
  );
});

test.each<[string, object, boolean, number]>([
  ["asks for a token, and marathon-lb has none", {}, true, 1],
  ["asks for none", {}, false, 0],
  ["asks for a token, and marathon-lb has a secret", { secret_name: "lb/sa" }, true, 0],
  ["is not asked by marathon-lb", { "marathon-uri": "http://10.0.0.1:8081" }, true, 0],
])("Admin Router %s", (_, options, asksForToken, count) => {
  const balancer = { "marathon-lb": { options: { "marathon-lb": options } } };
  const packages = { "marathon-user": {}, ...balancer };
  const found = findings({ ...joined, asksForToken }, { packages });
  expect(found).toHaveLength(count);
  if (count > 0)
    expect(found).toEqual([
      {
        id: "package/marathon-lb",
        level: "blocks",
        found:
          "Admin Router asks for a token, and marathon-lb has no login to read http://master.mesos/service/marathon-user with",
        effect: "HAProxy would run, be healthy, and serve no app",
        advice:
          "set coes.dcos.packages.marathon-lb.options.marathon-lb.secret_name to a secret with a service account (Enterprise DC/OS), or leave out packages.marathon-user",
      },
    ]);
  // Without a second Marathon it asks the first one, at a port of its own.
  expect(findings({ ...joined, asksForToken }, { packages: balancer })).toEqual([]);
});
