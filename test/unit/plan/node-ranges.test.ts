import { routerModels } from "../../../components/kinds/models";
import { routerTraits } from "../../../components/kinds/traits";
import { kubernetesModel } from "../../../components/kubernetes/model";
import { parseConfig } from "../../../config";
import { assignIn } from "../../../config/assign";
import { makePlan, renderPlan } from "../../../plan";
import { blockAt, blockOf, isBlock, nodeAt } from "../../../plan/blocks";
import { changeBetween } from "../../../plan/change";
import { deadEnds } from "../../../plan/propagation/dead-ends";
import { messageOf } from "../../../util/errors";

/** A kind as others have them, whose nodes have ranges of their own. */
const plain = {
  ...kubernetesModel,
  services: { ranges: [] },
  speakers: { ...kubernetesModel.speakers, bird: { nodeRanges: true } },
  defaultSpeaker: "bird",
} as const;
const coeKinds = { kubernetes: kubernetesModel, plain };
const kinds = { coes: coeKinds, reflectors: routerModels };

const access = { kubeconfig: "~/.kube/config" };
const nodes = {
  one: { address: "10.1.1.21", podCidr: "10.65.1.0/24" },
  two: { address: "10.1.1.22", podCidr: "10.65.2.0/25" },
};
const config = (plainCoe: object = {}) => ({
  network: { supernet: "10.64.0.0/10", nodes: "10.1.1.0/24", asn: 64512, nodeFilters: true },
  reflectors: { rr: { kind: "gobgp", address: "10.1.1.1" } },
  coes: {
    hosts: { kind: "plain", policy: "open", podCidr: "10.65.0.0/16", access, nodes, ...plainCoe },
    k: {
      ...{ kind: "kubernetes", policy: "open", podCidr: "10.64.0.0/16", access },
      nodes: { worker: { address: "10.1.1.31" } },
    },
  },
});
const planOf = (plainCoe: object = {}) =>
  makePlan(parseConfig(config(plainCoe), { kinds }), coeKinds, routerTraits, routerModels);
const refusalOf = (plainCoe: object) => {
  try {
    parseConfig(config(plainCoe), { kinds });
  } catch (thrown) {
    return messageOf(thrown);
  }
  return "accepted";
};

test("exactly a node's own range is accepted from it, and nothing else of its COE", () => {
  const { coes, fences, nodeAcceptance } = planOf();
  expect(coes.hosts?.nodes.one?.podCidr).toBe("10.65.1.0/24");
  expect(coes.hosts).toMatchObject({ blocks: 2, blockSize: 24 });
  expect(fences["hosts/one"]?.prefixes).toEqual([
    { cidr: "10.65.1.0/24", minLength: 24, maxLength: 24 },
  ]);
  expect(fences["hosts/two"]?.prefixes).toEqual([
    { cidr: "10.65.2.0/25", minLength: 25, maxLength: 25 },
  ]);
  expect(nodeAcceptance).toEqual([
    { cidr: "10.65.0.0/16", minLength: 24, maxLength: 24 },
    { cidr: "10.65.0.0/16", minLength: 25, maxLength: 25 },
    { cidr: "10.64.0.0/16", minLength: 26, maxLength: 26 },
    { cidr: "10.64.0.0/16", minLength: 32, maxLength: 32 },
  ]);
});

test("the model originates a node's own range, and finds where another one would end", () => {
  const plan = planOf();
  expect(deadEnds(plan, routerTraits)).toEqual([]);
  const moved = { ...nodes.one, podCidr: "10.65.9.0/24" };
  const other = planOf({ nodes: { ...nodes, one: moved } });
  const ends = deadEnds({ ...other, fences: plan.fences }, routerTraits);
  expect(ends.map(({ from }) => from)).toContain("hosts/one");
});

test("a block is a node's own range, wherever one is asked for", () => {
  const { coes } = planOf();
  const [hosts, k] = [coes.hosts, coes.k];
  if (hosts === undefined || k === undefined) throw new Error("a COE is missing");
  expect(blockAt(hosts, "10.65.2.77")).toBe("10.65.2.0/25");
  expect(nodeAt(hosts, "10.65.2.77")?.name).toBe("two");
  expect(nodeAt(hosts, "10.65.2.200")).toBeUndefined();
  expect(blockOf(hosts, hosts.nodes.one)).toBe("10.65.1.0/24");
  expect([isBlock(hosts, "10.65.1.0/24"), isBlock(hosts, "10.65.1.0/26")]).toEqual([true, false]);
  expect(blockAt(k, "10.64.3.77")).toBe("10.64.3.64/26");
  expect([isBlock(k, "10.64.3.64/26"), isBlock(k, "10.64.3.77/32")]).toEqual([true, false]);
});

test("the speaker is in the plan where it is not the usual one", () => {
  expect(planOf({ speaker: "bird" }).coes.hosts).not.toHaveProperty("speaker");
  const calico = planOf({
    speaker: "calico",
    nodes: { one: { address: "10.1.1.21" } },
  });
  expect(calico.coes.hosts).toMatchObject({ speaker: "calico", blockSize: 26, blocks: 1024 });
});

test("text for people counts nodes' ranges", () => {
  expect(renderPlan(planOf(), coeKinds).join("\n")).toContain("2 nodes' ranges");
  const { hosts: _, ...others } = planOf().coes;
  const left = { ...planOf(), coes: others };
  const takeOver = () => ({ restarts: false, resets: new Set<string>() });
  const routers = { traits: routerTraits, takeOver };
  const { ranges } = changeBetween(left, planOf(), routers);
  expect(ranges).toEqual([
    { coe: "hosts", range: "10.65.0.0/16", use: "containers", change: "announced" },
  ]);
});

test.each([
  [
    "no range",
    { nodes: { one: { address: "10.1.1.21" } } },
    "coes.hosts.nodes.one.podCidr: missing; a node of this COE announces a range of its own inside podCidr 10.65.0.0/16, such as 10.65.0.0/24; `seamless plan --assign` writes one into this file",
  ],
  [
    "a range elsewhere",
    { nodes: { one: { address: "10.1.1.21", podCidr: "10.66.1.0/24" } } },
    "coes.hosts.nodes.one.podCidr: found 10.66.1.0/24; allowed: a range inside podCidr 10.65.0.0/16",
  ],
  [
    "overlapping ranges",
    { nodes: { ...nodes, two: { ...nodes.two, podCidr: "10.65.1.128/25" } } },
    "coes.hosts.nodes.two.podCidr: found 10.65.1.128/25, which overlaps 10.65.1.0/24 of coes.hosts.nodes.one.podCidr; allowed: a range of its own",
  ],
  [
    "a range without room",
    { nodes: { one: { address: "10.1.1.21", podCidr: "10.65.1.0/31" } } },
    "coes.hosts.nodes.one.podCidr: found 10.65.1.0/31; allowed: /30 or larger, with room for the node's own address and a container",
  ],
  [
    "two ranges",
    { nodes: { one: { address: "10.1.1.21", podCidr: ["10.65.1.0/24", "10.65.2.0/24"] } } },
    "coes.hosts.nodes.one.podCidr: found 10.65.1.0/24, 10.65.2.0/24; allowed: one range of each family",
  ],
  [
    "a node without a session",
    { nodes: { ...nodes, two: { ...nodes.two, speaker: false } } },
    "coes.hosts.nodes.two.podCidr: found 10.65.2.0/25; the node does not speak BGP, so that no route leads to it: leave it out",
  ],
  [
    "blocks",
    { blockSize: 28 },
    "coes.hosts.blockSize: means nothing with speaker bird: nodes have ranges of their own and take no blocks; leave it out",
  ],
  [
    "a speaker of blocks",
    { speaker: "calico", nodes: { one: nodes.one } },
    "coes.hosts.nodes.one.podCidr: found 10.65.1.0/24; with speaker calico nodes take blocks of podCidr: leave it out",
  ],
  [
    "a speaker that is none",
    { speaker: "brid" },
    'coes.hosts.speaker: found "brid"; allowed: bird, calico, frr-k8s; did you mean bird?',
  ],
])("%s: refused in these words", (_, changes, message) => {
  expect(refusalOf(changes)).toBe(`1 problem in the configuration\n${message}`);
});

test("ranges of nodes are assigned once, and stay whoever comes or goes", () => {
  const text = (podCidr: string, members: string) => `config:
  seamless:network: { supernet: 10.64.0.0/10, nodes: 10.1.1.0/24, asn: 64512 }
  seamless:reflectors: { rr: { kind: gobgp, address: 10.1.1.1 } }
  seamless:coes:
    hosts:
      kind: plain
      policy: open
      access: { kubeconfig: x }
${podCidr}      nodes:
${members}`;
  const node = (name: string, last: number) => `        ${name}: { address: 10.1.1.${last} }\n`;
  const assigned = (given: string) => assignIn(given, "Pulumi.x.yaml", { kinds });
  const first = assigned(text("", node("one", 21) + node("two", 22)));
  expect(first.assigned.map(({ path, value }) => `${path.join(".")}: ${value}`)).toEqual([
    "coes.hosts.podCidr: 10.64.0.0/14",
    "coes.hosts.nodes.one.podCidr: 10.64.0.0/24",
    "coes.hosts.nodes.two.podCidr: 10.64.1.0/24",
  ]);
  expect(first.text).toContain("two: { podCidr: 10.64.1.0/24, address: 10.1.1.22 }");
  const gone = first.text.replace(/ *one: .*\n/, "");
  const second = assigned(`${gone}${node("three", 23)}${node("four", 24)}`);
  expect(second.text).toContain("two: { podCidr: 10.64.1.0/24, address: 10.1.1.22 }");
  expect(second.text).toContain("three: { podCidr: 10.64.0.0/24, address: 10.1.1.23 }");
  expect(second.text).toContain("four: { podCidr: 10.64.2.0/24, address: 10.1.1.24 }");
  const both = text(
    "      podCidr: [10.64.0.0/16, fd00:64::/64]\n",
    '        one: { address: 10.1.1.21, address6: "2001:db8:1::21" }\n',
  )
    .replace("supernet: 10.64.0.0/10", "supernet: [10.64.0.0/10, fd00:64::/32]")
    .replace("nodes: 10.1.1.0/24", "nodes: [10.1.1.0/24, 2001:db8:1::/64]")
    .replace("10.1.1.1 }", '10.1.1.1, address6: "2001:db8:1::1" }');
  expect(assigned(both).text).toContain("one: { podCidr: [10.64.0.0/24, fd00:64::/80], address:");
});
