import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { makePlan, parseConfig, renderPlan } from "../../../components/kinds/planning";

const root = join(__dirname, "..", "..", "..");

const config = (changes: object) => ({
  network: { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn: 64512 },
  reflectors: { rr: { kind: "gobgp", address: "192.0.2.1" } },
  coes: {
    alpha: {
      kind: "kubernetes",
      podCidr: "10.64.0.0/16",
      access: { kubeconfig: "~/.kube/config" },
      nodes: { one: { address: "192.0.2.2" } },
      ...changes,
    },
  },
});
const policyOf = (changes: object) => makePlan(parseConfig(config(changes))).coes.alpha?.policy;

test("in the lab the policy is open; elsewhere it has to be said", () => {
  expect(policyOf({ access: "embedded" })).toEqual({ mode: "open", from: [] });
  expect(policyOf({ policy: "open" })).toEqual({ mode: "open", from: [] });
  expect(() => policyOf({})).toThrow(
    `1 problem in the configuration
coes.alpha.policy: missing; say who reaches its containers; allowed:
  open       everybody, hosts included; the cluster's own allow policies no longer keep anybody out
  cross-coe  its own containers and nodes, and the containers of the COEs in allowFrom
  closed     its own containers and nodes`,
  );
});

test("what is let in beside, and what may lose its effect, stands in the plan, sorted", () => {
  const allowFromHosts = ["192.0.2.77/32", "10.9.0.0/24"];
  expect(policyOf({ policy: "closed", allowFromHosts })).toEqual({
    mode: "closed",
    from: [],
    hosts: ["10.9.0.0/24", "192.0.2.77/32"],
  });
  expect(
    policyOf({
      policy: "open",
      policyOverrides: ["NetworkPolicy/shop/deny-all", "GlobalNetworkPolicy/deny-all"],
    }),
  ).toEqual({
    mode: "open",
    from: [],
    overrides: ["GlobalNetworkPolicy/deny-all", "NetworkPolicy/shop/deny-all"],
  });
});

test("a plan says what a policy lets through all the same, and what it cuts off", () => {
  const notes = (changes: object) =>
    renderPlan(makePlan(parseConfig(config(changes)))).filter((line) => line.startsWith("alpha "));
  expect(notes({ policy: "closed", allowFromHosts: ["10.9.0.0/24"] }).slice(1)).toEqual([
    "alpha also lets in its own nodes, their programs and containers in the hosts' network, hosts in 10.9.0.0/24, and whoever comes by services of type NodePort or LoadBalancer, for that has a node's address",
    "alpha keeps out every other host, unless nodes or allowFromHosts name it: API servers (webhooks and aggregated APIs fail)",
  ]);
  const dcos = {
    kind: "dcos",
    access: { url: "https://d.example", etcd: ["http://10.0.0.1:2379"] },
  };
  expect(notes({ ...dcos, policy: "closed" }).slice(1)).toEqual([
    "alpha also lets in its own nodes, their programs and containers in the hosts' network, and whoever comes by marathon-lb, or a port that an agent maps, for that has a node's address",
    "alpha keeps out every other host, unless nodes or allowFromHosts name it: masters (HTTP health checks of Marathon fail)",
  ]);
  expect(notes({ policy: "open" })).toHaveLength(1);
});

/** What the documents leave out where they show a part of a file. */
const part = {
  network: { nodes: "10.0.0.0/15", supernet: "192.168.0.0/16", asn: 64511 },
  reflectors: { rr: { kind: "gobgp", address: "10.0.255.1" } },
  coes: {
    kubernetes: {
      kind: "kubernetes",
      podCidr: "192.168.0.0/17",
      access: "embedded",
      nodes: { one: { address: "10.0.254.1" } },
    },
  },
};
const map = z.record(z.string(), z.unknown());

/** Blocks of YAML in a document, without the indentation of the list they are in. */
function examples(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = "", block = ""]) => block.replace(new RegExp(`^${indent}`, "gm"), ""),
  );
}

test.each(["README.md", "docs/configuration.md", "docs/dcos.md"])(
  "the configurations in %s say the policy of every COE that is not in the lab",
  (file) => {
    const found = examples(file).flatMap((text) => {
      const { config: whole = {}, ...bare } = map.parse(parse(text) ?? {});
      const settings = { ...bare, ...map.parse(whole) };
      return "seamless:coes" in settings ? [settings] : [];
    });
    expect(found.length).toBeGreaterThan(0);
    for (const settings of found) {
      const setting = (key: string) => settings[`seamless:${key}`];
      const raw = {
        network: setting("network") ?? part.network,
        reflectors: setting("reflectors") ?? part.reflectors,
        coes: {
          ...(setting("network") === undefined ? part.coes : {}),
          ...map.parse(setting("coes")),
        },
      };
      expect(
        parseConfig(raw, { readNodes: () => ({ one: { address: "10.1.0.99" } }) }),
      ).toBeDefined();
    }
  },
);
