import { calicoPlan } from "../../../components/calico/objects";
import { renderCalicoV1, renderCalicoV3 } from "../../../components/calico/render";
import { readStackConfig } from "../../../config";
import { makePlan } from "../../../plan";

const lab = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(lab);

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

test("refuses an engine that is not there, and nodes of one engine in two ASs", () => {
  expect(() => calicoPlan(plan, "nomad")).toThrow(
    "coes.nomad: not in the plan; known: dcos, kubernetes",
  );
  const { dcos } = lab.coes;
  if (dcos === undefined) throw new Error("no dcos in the lab");
  const nodes = {
    "agent-1": { address: "172.16.18.43", asn: 64600 },
    "agent-2": { address: "172.16.18.44" },
  };
  const mixed = makePlan({ ...lab, coes: { dcos: { ...dcos, nodes } } });
  expect(() => calicoPlan(mixed, "dcos")).toThrow(
    "coes.dcos.nodes: found AS numbers 64511, 64600; Calico's global BGP configuration holds one for all nodes: use one AS for each COE",
  );
});
