import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import {
  calicoObjects,
  calicoPlan,
  inOrder,
  nameOfAddress,
} from "../../../components/calico/objects";
import { calicoYaml, renderCalicoV1, renderCalicoV3 } from "../../../components/calico/render";
import { calicoV1Documents, calicoV1Settings } from "../../../components/calico/v1";
import { readStackConfig } from "../../../config";
import type { Config } from "../../../config/types";
import { makePlan } from "../../../plan";

const config = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(config);
const kubernetes = calicoPlan(plan, "kubernetes");
const reference = join(__dirname, "..", "fixtures", "calico", "reference-v1.yaml");

test("each engine's part of the plan", () => {
  const shared = {
    blockSize: 26,
    asn: 64511,
    reflectors: { reflector: { address: "172.16.18.32", asn: 64511 } },
  };
  expect(kubernetes).toEqual({ podCidr: "192.168.0.0/17", ...shared });
  expect(calicoPlan(plan, "dcos")).toEqual({ podCidr: "192.168.128.0/17", ...shared });
});

test("the objects of the reference lab, in the order to apply them", () => {
  const apiVersion = "projectcalico.org/v3";
  const [ingress, egress] = [[{ action: "Allow" }], [{ action: "Allow" }]];
  expect(inOrder(calicoObjects(kubernetes))).toEqual([
    {
      apiVersion,
      kind: "IPPool",
      metadata: { name: "192-168-0-0-17" },
      spec: {
        blockSize: 26,
        cidr: "192.168.0.0/17",
        ipipMode: "Never",
        natOutgoing: false,
        nodeSelector: "all()",
        vxlanMode: "Never",
      },
    },
    {
      apiVersion,
      kind: "GlobalNetworkPolicy",
      metadata: { name: "allow-all" },
      spec: { egress, ingress, selector: "all()", types: ["Ingress", "Egress"] },
    },
    { apiVersion, kind: "Profile", metadata: { name: "calico-open" }, spec: { egress, ingress } },
    {
      apiVersion,
      kind: "BGPPeer",
      metadata: { name: "172-16-18-32" },
      spec: { asNumber: 64511, peerIP: "172.16.18.32" },
    },
    {
      apiVersion,
      kind: "BGPConfiguration",
      metadata: { name: "default" },
      spec: { asNumber: 64511, nodeToNodeMeshEnabled: false },
    },
  ]);
});

test("as text there is one document for each object, without aliases", () => {
  const text = renderCalicoV3(kubernetes);
  expect(text).not.toMatch(/[&*]/);
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  expect(documents).toEqual(inOrder(calicoObjects(kubernetes)));
  expect(calicoYaml([calicoObjects(kubernetes).configuration])).toBe(
    `apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata:
  name: default
spec:
  asNumber: 64511
  nodeToNodeMeshEnabled: false
`,
  );
});

test("the v1 documents are those of the reference experiment, in its order", () => {
  const documents = parse(readFileSync(reference, "utf8"));
  expect(calicoV1Documents(kubernetes)).toEqual(documents);
  expect(parse(renderCalicoV1(kubernetes))).toEqual(documents);
});

test("what v1 has no document for comes first, as comments", () => {
  expect(calicoV1Settings(kubernetes)).toEqual([
    ["calicoctl", "config", "set", "asNumber", "64511"],
    ["calicoctl", "config", "set", "nodeToNodeMesh", "off"],
  ]);
  const fixture = readFileSync(reference, "utf8").split("\n").slice(1).join("\n");
  expect(renderCalicoV1(kubernetes)).toBe(
    `# calicoctl config set asNumber 64511\n# calicoctl config set nodeToNodeMesh off\n${fixture}`,
  );
});

test("a second reflector is a second peer, and nothing else", () => {
  const second = { kind: "gobgp", address: "172.16.18.31" } as const;
  const reflectors = { ...config.reflectors, another: second };
  const objects = calicoObjects(calicoPlan(makePlan({ ...config, reflectors }), "kubernetes"));
  const { peers, ...others } = objects;
  const { peers: before, ...same } = calicoObjects(kubernetes);
  expect(others).toEqual(same);
  expect(Object.keys(peers)).toEqual(["another", "reflector"]);
  expect(peers.reflector).toEqual(before.reflector);
  expect(peers.another).toMatchObject({
    metadata: { name: "172-16-18-31" },
    spec: { asNumber: 64511, peerIP: "172.16.18.31" },
  });
});

test("names of addresses and ranges are names of Calico", () => {
  expect(nameOfAddress("192.168.0.0/17")).toBe("192-168-0-0-17");
  expect(nameOfAddress("fd00:10::1")).toBe("fd00-10--1");
});

/** The reference lab with other agents' ASs. */
function withAsns(asn: Readonly<Record<string, number>>): Config {
  const { kubernetes: left, dcos } = config.coes;
  if (left === undefined || dcos === undefined) throw new Error("not the reference lab");
  const nodes = Object.entries(dcos.nodes).map(([name, node]) => [
    name,
    asn[name] === undefined ? node : { ...node, asn: asn[name] },
  ]);
  return {
    ...config,
    coes: { kubernetes: left, dcos: { ...dcos, nodes: Object.fromEntries(nodes) } },
  };
}

test("nodes in an AS of their own are configured with it", () => {
  const asns = { "agent-1": 64600, "agent-2": 64600, "public-1": 64600 };
  const own = calicoObjects(calicoPlan(makePlan(withAsns(asns)), "dcos"));
  expect(own.configuration.spec.asNumber).toBe(64600);
  expect(own.peers.reflector?.spec.asNumber).toBe(64511);
});

test("nodes in different ASs are refused", () => {
  expect(() => calicoPlan(makePlan(withAsns({ "agent-1": 64600 })), "dcos")).toThrow(
    "coes.dcos.nodes: found AS numbers 64511, 64600; Calico's global BGP configuration holds one for all nodes: use one AS for each COE",
  );
});

test("an engine that is not in the plan is named with those that are", () => {
  expect(() => calicoPlan(plan, "nomad")).toThrow(
    "coes.nomad: not in the plan; known: dcos, kubernetes",
  );
});
