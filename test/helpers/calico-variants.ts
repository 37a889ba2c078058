import fc from "fast-check";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import type { RawConfig } from "../../config";
import type { Plan } from "../../plan";
import { formatPrefix, nthOf, prefix, prefixOf } from "../../util/net";

const longest = `k${"-o".repeat(29)}-k8s`;

const kubernetes = {
  kind: "kubernetes",
  podCidr: "10.64.0.0/16",
  serviceCidr: "10.200.0.0/16",
  policy: "open",
  access: { kubeconfig: "~/.kube/config" },
  nodes: {
    controller: { address: "192.0.2.1", role: "controller" },
    worker: { address: "192.0.2.2" },
  },
};
const dcos = {
  kind: "dcos",
  podCidr: "10.96.0.0/16",
  policy: "open",
  access: { url: "http://192.0.2.10", etcd: ["http://192.0.2.10:2379"] },
  nodes: {
    master: { address: "192.0.2.10", role: "master" },
    agent: { address: "192.0.2.11" },
    agent2: { address: "192.0.2.12" },
    agent3: { address: "192.0.2.13" },
    public: { address: "192.0.2.14", role: "public" },
  },
};
const reflector = { kind: "gobgp", address: "192.0.2.251" };

interface Changes {
  readonly kubernetes?: object;
  readonly dcos?: object;
  readonly reflectors?: object;
  readonly network?: object;
}

function raw(changes: Changes = {}, name = "kubernetes"): RawConfig {
  return {
    network: { nodes: "192.0.2.0/24", asn: 64511, ...changes.network },
    reflectors: changes.reflectors ?? { east: reflector },
    coes: {
      [name]: { ...kubernetes, ...changes.kubernetes },
      dcos: { ...dcos, ...changes.dcos },
    },
  };
}

const services = {
  announceServices: true,
  loadBalancerCidr: "10.201.0.0/24",
  externalCidr: "10.202.0.5/32",
};
const packages = { etcd: {}, "marathon-user": { publicAgents: true }, "marathon-lb": {} };

/** Everything that one can ask of Calico, each in a configuration of its own. */
const variants: Readonly<Record<string, RawConfig>> = {
  "nothing special": raw(),
  "announced services": raw({ kubernetes: services }),
  "load balancers whose pool is somebody else's": raw({
    kubernetes: { ...services, loadBalancerPool: false },
  }),
  "outgoing NAT": raw({
    kubernetes: { ...services, natOutgoing: true },
    dcos: { natOutgoing: true },
  }),
  closed: raw({ kubernetes: { policy: "closed" }, dcos: { policy: "closed" } }),
  "cross-coe with hosts": raw({
    kubernetes: {
      policy: "cross-coe",
      allowFrom: ["dcos"],
      allowFromHosts: ["198.51.100.0/24", "203.0.113.7/32"],
    },
    dcos: { policy: "cross-coe", allowFrom: ["kubernetes"] },
  }),
  "a COE with the longest name": raw({ kubernetes: { policy: "closed" } }, longest),
  "several ranges, of which some retire": raw({
    kubernetes: {
      podCidr: ["10.64.0.0/16", "10.65.0.0/24", "10.66.0.0/28"],
      retiring: ["10.65.0.0/24", "10.66.0.0/28"],
    },
  }),
  "adopted pools": raw({
    kubernetes: { pool: "default-ipv4-ippool" },
    dcos: {
      podCidr: ["10.96.0.0/17", "10.97.0.0/24"],
      pool: { "10.96.0.0/17": "a.b-c", "10.97.0.0/24": `${"x".repeat(120)}.${"y".repeat(132)}` },
    },
  }),
  "the largest and the smallest blocks": raw({
    kubernetes: { podCidr: "10.64.0.0/12", blockSize: 20 },
    dcos: { podCidr: "10.96.0.0/27", blockSize: 32 },
  }),
  "reflectors at another port and in other ASs": raw({
    reflectors: {
      east: { ...reflector, port: 1790 },
      west: { kind: "gobgp", address: "192.0.2.252", asn: 4294967294 },
    },
  }),
  "the largest AS": raw({ network: { asn: 4294967294 } }),
  "nodes in several ASs": raw({
    kubernetes: {
      nodes: { ...kubernetes.nodes, worker: { ...kubernetes.nodes.worker, asn: 64600 } },
    },
  }),
  "packages of DC/OS": raw({ dcos: { packages, loadBalancerCidr: "10.203.0.0/30" } }),
  "packages of a closed DC/OS": raw({ dcos: { packages: { etcd: {} }, policy: "closed" } }),
};

/** By what is special about them, plans of two COEs. */
export function calicoPlans(): readonly (readonly [string, Plan])[] {
  return Object.entries(variants).map(([name, one]) => [name, makePlan(parseConfig(one))]);
}

/** A plan whose sessions have passwords. */
export function planWithPasswords(): Plan {
  return makePlan({ ...parseConfig(raw()), bgpPasswords: ["dcos", "kubernetes"] });
}

/** A range of a length, the first address of which is so many steps of a /24 into another. */
const inside = (outer: string, length: number, step: number): string =>
  formatPrefix(prefixOf(nthOf(prefix(outer), step * 256), length));

/** Plans with whatever one can ask of two COEs, in all combinations. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    asn: fc.integer({ min: 1, max: 4294967294 }).filter((asn) => asn !== 23456 && asn !== 65535),
    blockSize: fc.integer({ min: 20, max: 29 }),
    length: fc.integer({ min: 12, max: 17 }),
    step: fc.nat(255),
    name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/).filter((name) => name !== "dcos"),
    natOutgoing: fc.boolean(),
    policy: fc.constantFrom("open", "cross-coe", "closed"),
    announceServices: fc.boolean(),
    balancers: fc.option(fc.integer({ min: 20, max: 30 }), { nil: undefined }),
    external: fc.option(fc.integer({ min: 24, max: 32 }), { nil: undefined }),
  })
  .map((one) => {
    const { blockSize, natOutgoing, announceServices, balancers, external } = one;
    const announces = announceServices || (balancers ?? external) !== undefined;
    const policy = announces ? "open" : one.policy;
    const changes: Changes = {
      network: { supernet: "10.64.0.0/10", asn: one.asn },
      dcos: { podCidr: inside("10.96.0.0/11", one.length, one.step), blockSize, natOutgoing },
      kubernetes: {
        podCidr: inside("10.64.0.0/11", one.length, one.step),
        ...{ blockSize, natOutgoing, policy, announceServices },
        ...(policy === "cross-coe" ? { allowFrom: ["dcos"] } : {}),
        ...(balancers === undefined
          ? {}
          : { loadBalancerCidr: inside("10.201.0.0/16", balancers, one.step) }),
        ...(external === undefined
          ? {}
          : { externalCidr: inside("10.202.0.0/16", external, one.step) }),
      },
    };
    return makePlan(parseConfig(raw(changes, one.name)));
  });
