import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { renderCalicoV1, renderCalicoV3 } from "../../../components/speakers/calico/render";
import { withoutPackages } from "../../helpers/plain-lab";

const lab = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(lab);
const plain = withoutPackages(lab);

test("writes the documents of the reference experiment for old clusters", () => {
  expect(renderCalicoV1(calicoPlan(plan, "kubernetes"))).toBe(`# calicoctl config set asNumber 64511
# calicoctl config set nodeToNodeMesh off
- apiVersion: v1
  kind: ipPool
  metadata:
    cidr: 192.168.0.0/17
  spec:
    nat-outgoing: false
    ipip:
      enabled: false
- apiVersion: v1
  kind: bgpPeer
  metadata:
    peerIP: 172.16.18.32
    scope: global
  spec:
    asNumber: 64511
- apiVersion: v1
  kind: policy
  metadata:
    name: allow-all
  spec:
    types:
      - ingress
      - egress
    ingress:
      - action: allow
    egress:
      - action: allow
- apiVersion: v1
  kind: profile
  metadata:
    name: calico-open
  spec:
    egress:
      - action: allow
    ingress:
      - action: allow
`);
});

test("orders the objects so that the mesh goes off last", () => {
  const kinds = renderCalicoV3(calicoPlan(plan, "dcos")).match(/^kind: .*$/gm);
  expect(kinds).toEqual([
    "kind: IPPool",
    "kind: IPPool",
    "kind: GlobalNetworkPolicy",
    "kind: GlobalNetworkPolicy",
    "kind: Profile",
    "kind: BGPPeer",
    "kind: BGPConfiguration",
  ]);
});

test("has a peer for each reflector, in the order of their names", () => {
  const two = makePlan({
    ...lab,
    reflectors: {
      ...lab.reflectors,
      alternate: { kind: "gobgp", address: "172.16.18.31", asn: 64600 },
    },
  });
  expect(calicoPlan(two, "dcos").reflectors).toEqual({
    alternate: { address: "172.16.18.31", asn: 64600 },
    reflector: { address: "172.16.18.32", asn: 64511 },
  });
});

test("takes the nodes' AS, not the reflector's", () => {
  const { dcos } = lab.coes;
  if (dcos === undefined) throw new Error("no dcos in the lab");
  const nodes = { "agent-1": { address: "172.16.18.43", asn: 64600 } };
  const other = makePlan({ ...lab, coes: { dcos: { ...dcos, nodes } } });
  expect(calicoPlan(other, "dcos")).toMatchObject({
    asn: 64600,
    reflectors: { reflector: { asn: 64511 } },
  });
});

test("refuses a COE that is not there", () => {
  expect(() => calicoPlan(plan, "nomad")).toThrow(
    "coes.nomad: not in the plan; known: dcos, kubernetes",
  );
});

const node = (last: number, asn?: number) => ({
  address: `172.16.18.${last}`,
  ...(asn === undefined ? {} : { asn }),
});

test.each([
  ["all are in", { a: node(40, 64600), b: node(41, 64600) }, 64600],
  [
    "the network's, if any node has it,",
    { a: node(40), b: node(41, 64600), c: node(42, 64600) },
    64511,
  ],
  ["most are in", { a: node(40, 64601), b: node(41, 64602), c: node(42, 64602) }, 64602],
  ["is the lowest of several", { a: node(40, 64602), b: node(41, 64601) }, 64601],
])("the AS that %s stands for nodes without one", (_, nodes, asn) => {
  expect(changed("dcos", { nodes }).asn).toBe(asn);
});

test("where nodes are in several ASs, Calico is told each node's", () => {
  const nodes = { a: node(40), b: node(41, 64600), m: { ...node(42, 64700), role: "master" } };
  expect(changed("dcos", { nodes }).nodes).toEqual({
    a: { address: "172.16.18.40", asn: 64511 },
    b: { address: "172.16.18.41", asn: 64600 },
  });
  const { balanced: _, ...unbalanced } = changed("dcos", { nodes });
  expect(() => renderCalicoV1(unbalanced)).toThrow(
    "found nodes in AS 64511, 64600; a Calico 2.x is given one AS for all its nodes: use one, or Calico 3",
  );
  expect("nodes" in changed("dcos", { nodes: { a: node(40, 64600), m: nodes.m } })).toBe(false);
});

function changed(coe: "dcos" | "kubernetes", changes: Readonly<Record<string, unknown>>) {
  const coes = { ...plain.coes, [coe]: { ...plain.coes[coe], ...changes } };
  return calicoPlan(makePlan(parseConfig({ ...plain, coes })), coe);
}

test("a closed COE lets in its own containers and nodes, and passes them on to other policies", () => {
  const { sets, tier, policy } = calicoObjects(changed("dcos", { policy: "closed" })).admission;
  expect(sets).toEqual({
    dcos: {
      apiVersion: "projectcalico.org/v3",
      kind: "GlobalNetworkSet",
      metadata: { name: "seamless-dcos", labels: { "seamless/coe": "dcos" } },
      spec: {
        nets: [
          "192.168.128.0/17",
          "172.16.18.43/32",
          "172.16.18.44/32",
          "172.16.18.46/32",
          "172.16.18.42/32",
          "172.16.18.45/32",
        ],
      },
    },
  });
  expect(tier).toEqual({
    apiVersion: "projectcalico.org/v3",
    kind: "Tier",
    metadata: { name: "seamless" },
    spec: { defaultAction: "Pass", order: 500 },
  });
  expect(policy).toEqual({
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: "seamless.cross-coe" },
    spec: {
      ingress: [
        {
          action: "Pass",
          source: { namespaceSelector: "global()", selector: "seamless/coe in { 'dcos' }" },
        },
        { action: "Deny" },
      ],
      selector: "has(projectcalico.org/orchestrator)",
      tier: "seamless",
      types: ["Ingress"],
    },
  });
});

test("a named COE is let in by the range of its containers, not by its nodes", () => {
  const open = changed("dcos", { policy: "cross-coe", allowFrom: ["kubernetes"] });
  const { sets, policy } = calicoObjects(open).admission;
  expect(sets.kubernetes?.spec.nets).toEqual(["192.168.0.0/17"]);
  expect(policy.spec.ingress?.[0]).toEqual({
    action: "Pass",
    source: {
      namespaceSelector: "global()",
      selector: "seamless/coe in { 'dcos', 'kubernetes' }",
    },
  });
});

test("hosts outside the plan are let in by a rule of their own, before the rest is dropped", () => {
  const { sets, policy } = calicoObjects(
    changed("dcos", { policy: "closed", allowFromHosts: ["10.9.0.0/24"] }),
  ).admission;
  expect(Object.keys(sets)).toEqual(["dcos"]);
  expect(policy.spec.ingress?.slice(1)).toEqual([
    { action: "Pass", source: { nets: ["10.9.0.0/24"] } },
    { action: "Deny" },
  ]);
});

test("with outgoing NAT the other COEs' ranges are pools that nothing is assigned from or announced of", () => {
  const { pools, ranges } = calicoObjects(changed("dcos", { natOutgoing: true }));
  expect(pools["192.168.128.0/17"]?.spec.natOutgoing).toBe(true);
  expect(ranges).toEqual({
    "kubernetes-192-168-0-0-17": {
      apiVersion: "projectcalico.org/v3",
      kind: "IPPool",
      metadata: { name: "192-168-0-0-17" },
      spec: {
        blockSize: 26,
        cidr: "192.168.0.0/17",
        disabled: true,
        disableBGPExport: true,
        ipipMode: "Never",
        natOutgoing: false,
        nodeSelector: "all()",
        vxlanMode: "Never",
      },
    },
  });
  expect(calicoObjects(changed("dcos", {})).ranges).toEqual({});
});

test("what the other COE announces beside its containers is reached without NAT, too", () => {
  const coes = {
    dcos: { ...plain.coes.dcos, natOutgoing: true },
    kubernetes: { ...plain.coes.kubernetes, announceServices: true, externalCidr: "10.98.0.0/28" },
  };
  const { ranges } = calicoObjects(calicoPlan(makePlan(parseConfig({ ...plain, coes })), "dcos"));
  expect(
    Object.entries(ranges).map(([name, { spec }]) => [name, spec.cidr, spec.blockSize]),
  ).toEqual([
    ["kubernetes-192-168-0-0-17", "192.168.0.0/17", 26],
    ["kubernetes-10-96-0-0-16", "10.96.0.0/16", 26],
    ["kubernetes-10-98-0-0-28", "10.98.0.0/28", 28],
  ]);
});

test("announced ranges of services are Calico's to announce, and load balancers have a pool", () => {
  const { configuration, ranges } = calicoObjects(
    changed("kubernetes", {
      announceServices: true,
      loadBalancerCidr: "10.97.0.0/24",
      externalCidr: "10.98.0.0/28",
    }),
  );
  expect(configuration.spec).toEqual({
    asNumber: 64511,
    nodeToNodeMeshEnabled: false,
    serviceClusterIPs: [{ cidr: "10.96.0.0/16" }],
    serviceExternalIPs: [{ cidr: "10.98.0.0/28" }],
    serviceLoadBalancerIPs: [{ cidr: "10.97.0.0/24" }],
  });
  expect(Object.keys(ranges)).toEqual(["load-balancers"]);
  expect(ranges["load-balancers"]?.spec).toMatchObject({
    allowedUses: ["LoadBalancer"],
    assignmentMode: "Automatic",
    cidr: "10.97.0.0/24",
  });
});

test("v1 says so when it cannot say what is planned", () => {
  expect(() => renderCalicoV1(changed("dcos", { policy: "closed" }))).toThrow(
    "policy: found closed; calicoctl 1.x knows no tiers: use open, or Calico 3.29 or later",
  );
  expect(() => renderCalicoV1(changed("kubernetes", { externalCidr: "10.98.0.0/28" }))).toThrow(
    "found announced ranges 10.98.0.0/28; Calico 2.x announces no services: leave announceServices, loadBalancerCidr and externalCidr out",
  );
});

test("v1 has pools for the others' ranges with outgoing NAT", () => {
  expect(renderCalicoV1(changed("dcos", { natOutgoing: true }))).toContain(`- apiVersion: v1
  kind: ipPool
  metadata:
    cidr: 192.168.0.0/17
  spec:
    nat-outgoing: false
    ipip:
      enabled: false
    disabled: true
`);
});

test("a range that load balancers announce is a pool for nothing, and none of Calico's to announce", () => {
  const balanced = calicoPlan(plan, "dcos");
  expect(balanced.balanced).toBe("10.98.0.0/24");
  expect(balanced.announced).toEqual({});
  const { configuration, ranges } = calicoObjects(balanced);
  expect(configuration.spec).toEqual({ asNumber: 64511, nodeToNodeMeshEnabled: false });
  expect(ranges).toEqual({
    "load-balancers": {
      apiVersion: "projectcalico.org/v3",
      kind: "IPPool",
      metadata: { name: "10-98-0-0-24" },
      spec: {
        blockSize: 26,
        cidr: "10.98.0.0/24",
        disabled: true,
        ipipMode: "Never",
        natOutgoing: false,
        nodeSelector: "all()",
        vxlanMode: "Never",
      },
    },
  });
});

test("v1 refuses a range that load balancers announce", () => {
  expect(() => renderCalicoV1(calicoPlan(plan, "dcos"))).toThrow(
    "found announced ranges 10.98.0.0/24; Calico 2.x announces no services: leave announceServices, loadBalancerCidr and externalCidr out",
  );
});
