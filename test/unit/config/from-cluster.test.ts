import { parseConfig, parseStackConfig } from "../../../components/kinds/planning";
import type { ReadNodes } from "../../../config";

const text = (alpha: string, podCidr = "10.64.0.0/16") => `config:
  seamless:network: { supernet: 10.64.0.0/10, nodes: 192.0.2.0/24, asn: 64512 }
  seamless:reflectors:
    rr: { kind: gobgp, address: 192.0.2.1 }
  seamless:coes:
    alpha:
      podCidr: ${podCidr}
${alpha.replace(/^/gm, "      ")}
`;
const asking = `kind: kubernetes
access: { kubeconfig: ~/.kube/config, context: prod }
policy: open
nodes: fromCluster`;

const answer = { "one.example.net": { address: "192.0.2.2", role: "worker", asn: 64513 } };

function reader(nodes: ReturnType<ReadNodes>): jest.MockedFunction<ReadNodes> {
  return jest.fn<ReturnType<ReadNodes>, Parameters<ReadNodes>>(() => nodes);
}

test("the engine is asked for its nodes, once, with its access", () => {
  const readNodes = reader(answer);
  expect(parseStackConfig(text(asking), "file", { readNodes }).coes.alpha?.nodes).toEqual(answer);
  expect(readNodes.mock.calls).toEqual([
    ["alpha", "kubernetes", { kubeconfig: "~/.kube/config", context: "prod" }],
  ]);
});

test("what it answers is judged like what is written, at the place that asked", () => {
  const readNodes = reader({ ...answer, two: { address: "198.51.100.2", role: "worker" } });
  expect(() => parseStackConfig(text(asking), "file", { readNodes })).toThrow(
    "file:11:7: coes.alpha.nodes.two.address: found 198.51.100.2, which is outside network.nodes 192.0.2.0/24; allowed: 192.0.2.1 to 192.0.2.254",
  );
});

test("nobody is asked while something else is wrong", () => {
  const readNodes = reader(answer);
  expect(() => parseStackConfig(text(asking, "10.64.0.1/16"), "file", { readNodes })).toThrow(
    "file:7:7: coes.alpha.podCidr: found 10.64.0.1/16, which has host bits set; allowed: 10.64.0.0/16",
  );
  expect(readNodes).not.toHaveBeenCalled();
});

test("an error of the COE comes through", () => {
  const readNodes: ReadNodes = () => {
    throw new Error("nobody answers");
  };
  expect(() => parseStackConfig(text(asking), "file", { readNodes })).toThrow("nobody answers");
});

test.each([
  [
    "kind: kubernetes\naccess: embedded\nnodes: fromCluster",
    "coes.alpha.nodes: found fromCluster without a cluster to read; allowed: a map of nodes, or access to one that is there",
  ],
  [
    'kind: dcos\naccess: { url: "https://d.example", etcd: ["http://192.0.2.9:2379"] }\npolicy: open\nnodes: fromCluster',
    "coes.alpha.nodes: found fromCluster; a dcos COE is not asked for its nodes; allowed: a map of nodes",
  ],
  [
    "kind: kubernetes\naccess: { kubeconfig: k }\npolicy: open\nnodes: fromKubernetes",
    'coes.alpha.nodes: found "fromKubernetes"; allowed: a map such as { worker-1: { address: 10.1.0.21 } }, or fromCluster',
  ],
  [
    "kind: kubernetes\naccess: { kubeconfig: k }\npolicy: open\nnodes: {}",
    "coes.alpha.nodes: found none; allowed: one or more",
  ],
  [
    "kind: kubernetes\naccess: { kubeconfig: k }\npolicy: open\nnodes: { -a.b: { address: 192.0.2.3 } }",
    'coes.alpha.nodes."-a.b": found the name "-a.b"; allowed: a DNS name: labels of a-z, 0-9 and - with dots between them (RFC 1123)',
  ],
])("%j is refused", (alpha, message) => {
  expect(() => parseStackConfig(text(alpha), "file", { readNodes: reader(answer) })).toThrow(
    message,
  );
});

test("without a way to ask, nothing is made up", () => {
  expect(() => parseStackConfig(text(asking), "file")).toThrow(
    "coes.alpha.nodes: found fromCluster, which is not read here",
  );
  expect(() => parseConfig({})).toThrow("network: missing");
});
