import { DcosPeering } from "../../../components/dcos/peering";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { KubernetesPeering } from "../../../components/kubernetes/peering";
import { bgpFindings } from "../../../components/speakers/calico/inspect/bgp";
import { calicoObjects, calicoPlan, inOrder } from "../../../components/speakers/calico/objects";
import { calicoV1Documents, calicoV1Settings } from "../../../components/speakers/calico/v1";
import type { RawConfig } from "../../../config";
import { named, registeredBy } from "../../helpers/mocks";
import { planOf } from "../../helpers/shapes";

/** A Kubernetes and a DC/OS of two nodes each. */
const raw = (network: object, kubernetes: object = {}, dcos: object = {}): RawConfig => ({
  network: { nodes: "192.0.2.0/24", asn: 64511, topology: "mesh", ...network },
  coes: {
    k: {
      ...{ kind: "kubernetes", podCidr: "10.64.0.0/16", policy: "open" },
      access: { kubeconfig: "/k" },
      nodes: { a: { address: "192.0.2.1" }, b: { address: "192.0.2.2" } },
      ...kubernetes,
    },
    d: {
      ...{ kind: "dcos", podCidr: "10.65.0.0/16", policy: "open" },
      access: { url: "http://192.0.2.3", etcd: ["http://192.0.2.3:2379"] },
      nodes: { c: { address: "192.0.2.3" }, d: { address: "192.0.2.4" } },
      ...dcos,
    },
  },
});
const perCoe = makePlan(parseConfig(raw({ asns: "perCoe" }, { asn: 64601 }, { asn: 64602 })));
const shared = makePlan(parseConfig(raw({})));

test("in a COE of one AS Calico's own mesh stays, and the far nodes of the others are peers", () => {
  const { filters, peers, configuration } = calicoObjects(calicoPlan(perCoe, "k"));
  expect(configuration.spec).toEqual({ asNumber: 64601, nodeToNodeMeshEnabled: true });
  expect(Object.values(peers).map(({ spec }) => spec)).toEqual([
    { asNumber: 64602, filters: ["seamless-own-routes"], peerIP: "192.0.2.3" },
    { asNumber: 64602, filters: ["seamless-own-routes"], peerIP: "192.0.2.4" },
  ]);
  expect(Object.values(filters).map(({ spec }) => spec)).toEqual([
    { exportV4: [{ action: "Reject", source: "RemotePeers" }] },
  ]);
});

test("TTL security and filters of what nodes take are on the sessions that peers are made for", () => {
  const network = { asns: "perCoe", ttlSecurity: true, nodeFilters: true };
  const plan = makePlan(parseConfig(raw(network, { asn: 64601 }, { asn: 64602 })));
  const guards = Object.values(plan.sessions).map(({ name, ttlSecurity }) => [name, ttlSecurity]);
  expect(guards).toEqual([
    ["d/c--d/d", undefined],
    ["d/c--k/a", true],
    ["d/c--k/b", true],
    ["d/d--k/a", true],
    ["d/d--k/b", true],
    ["k/a--k/b", undefined],
  ]);
  const { peers } = calicoObjects(calicoPlan(plan, "k"));
  expect(peers["d/c"]?.spec).toEqual({
    asNumber: 64602,
    filters: ["seamless-accepted", "seamless-own-routes"],
    peerIP: "192.0.2.3",
    ttlSecurity: 1,
  });
});

test("in two families each has its sessions and its peers, and the filter is about both", () => {
  const nodes = (first: number) =>
    Object.fromEntries(
      [first, first + 1].map((last) => [
        `n${last}`,
        { address: `192.0.2.${last}`, address6: `fd00:2::${last}` },
      ]),
    );
  const network = { asns: "perCoe", nodes: ["192.0.2.0/24", "fd00:2::/64"] };
  const own = (asn: number, pods: string, pods6: string, first: number) => ({
    ...{ kind: "kubernetes", access: { kubeconfig: "/k" }, policy: "open", asn },
    ...{ podCidr: [pods, pods6], nodes: nodes(first) },
  });
  const plan = makePlan(
    parseConfig({
      network: { asn: 64511, topology: "mesh", ...network },
      coes: {
        k: own(64601, "10.64.0.0/16", "fd00:64::/48", 1),
        l: own(64602, "10.65.0.0/16", "fd00:65::/48", 5),
      },
    }),
  );
  expect(Object.keys(plan.sessions).filter((name) => name.startsWith("k/n1--"))).toEqual([
    ...["k/n1--k/n2", "k/n1--k/n2/ipv6", "k/n1--l/n5", "k/n1--l/n5/ipv6"],
    ...["k/n1--l/n6", "k/n1--l/n6/ipv6"],
  ]);
  const { filters, peers } = calicoObjects(calicoPlan(plan, "k"));
  expect(Object.values(peers).map(({ spec }) => spec.peerIP)).toEqual([
    ...["192.0.2.5", "fd00:2::5", "192.0.2.6", "fd00:2::6"],
  ]);
  expect(filters["own-routes"]?.spec).toEqual({
    exportV4: [{ action: "Reject", source: "RemotePeers" }],
    exportV6: [{ action: "Reject", source: "RemotePeers" }],
  });
});

test("where all nodes are in one AS, nobody passes anything on, so that there is no filter", () => {
  const { filters, peers } = calicoObjects(calicoPlan(shared, "k"));
  expect(filters).toEqual({});
  expect(Object.values(peers).map(({ spec }) => spec)).toEqual([
    { asNumber: 64511, peerIP: "192.0.2.3" },
    { asNumber: 64511, peerIP: "192.0.2.4" },
  ]);
});

test("nodes of a COE in several ASs are each other's peers, one object for each of all nodes", () => {
  const plan = planOf({ topology: "mesh", asns: "perServer" });
  if (typeof plan === "string") throw new Error(plan);
  const calico = calicoPlan(plan, "one");
  const { peers, configuration } = calicoObjects(calico);
  expect(configuration.spec.nodeToNodeMeshEnabled).toBe(false);
  expect(Object.keys(peers)).toEqual(["one/a1", "one/a2", "two/b1", "two/b2"]);
  expect(Object.values(peers).some(({ spec }) => spec.node !== undefined)).toBe(false);
  // A filter is there before the peers that name it.
  const kinds = inOrder(calicoObjects(calico)).map(({ kind }) => kind);
  expect(kinds.indexOf("BGPFilter")).toBeLessThan(kinds.indexOf("BGPPeer"));
});

test("Calico 2.x has its own mesh on, and the far nodes as global peers", () => {
  const plan = makePlan(parseConfig(raw({}, {}, { calicoApi: "v1" })));
  const calico = calicoPlan(plan, "d");
  expect(calicoV1Settings(calico).at(-1)).toEqual([
    ...["calicoctl", "config", "set", "nodeToNodeMesh", "on"],
  ]);
  const peers = calicoV1Documents(calico).filter(({ kind }) => kind === "bgpPeer");
  expect(peers.map(({ metadata }) => metadata)).toEqual([
    { peerIP: "192.0.2.1", scope: "global" },
    { peerIP: "192.0.2.2", scope: "global" },
  ]);
});

test("Kubernetes gets the filter before the peers, and its mesh stays on without a wait for sessions", async () => {
  const access = { kubeconfig: "apiVersion: v1" };
  const found = await registeredBy(
    (options) => new KubernetesPeering("k", { plan: perCoe, coe: "k", access }, options),
  );
  const all = found.map(({ name }) => name);
  expect(all).toContain("k-filter-own-routes");
  expect(all).not.toContain("k-sessions");
  expect(named(found, "k-peer-d-c").options.dependsOn).toContain("k-filter-own-routes");
  expect(named(found, "k-mesh").inputs.spec).toEqual({ nodeToNodeMeshEnabled: true });
});

test("DC/OS has no step that ends the mesh", async () => {
  const access = { url: "http://192.0.2.3", etcdEndpoints: ["http://192.0.2.3:2379"] };
  const found = await registeredBy(
    (options) => new DcosPeering("d", { plan: perCoe, coe: "d", access }, options),
  );
  expect(found.map(({ name }) => name).filter((name) => name.startsWith("d-"))).toEqual([
    "d-inspect",
    "d-calico",
  ]);
});

test("an inspection says what becomes of the mesh that is there", () => {
  const state = (mesh: boolean) => ({
    peers: [],
    bgp: {
      ...{ asn: 64601, mesh, others: {}, byNode: {}, setBy: [] },
      services: { clusterIPs: [], externalIPs: [], loadBalancerIPs: [] },
    },
  });
  expect(bgpFindings(calicoPlan(perCoe, "k"), state(true), "")).toEqual([]);
  expect(bgpFindings(calicoPlan(perCoe, "k"), state(false), "").map(({ found }) => found)).toEqual([
    "the node-to-node mesh is off; the plan has it on",
  ]);
});

test("a mesh of more than a hundred nodes is refused", () => {
  const nodes = Object.fromEntries(
    Array.from({ length: 99 }, (_, index) => [`n${index}`, { address: `192.0.2.${index + 10}` }]),
  );
  expect(() => parseConfig(raw({}, { nodes }))).toThrow(
    "network.topology: found mesh with 101 nodes that speak BGP, each with 100 sessions; allowed: a mesh of 100 nodes at most, or reflectors",
  );
});
