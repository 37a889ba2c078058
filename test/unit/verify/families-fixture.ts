import { nodeResets } from "../../../components/ask/router";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { keyIn } from "../../../plan/families";
import type { Family } from "../../../util/net";
import type { FamilyKernel, NodeKernel, TableRoute } from "../../../verify/kernel/types";
import type { Trip, Trips } from "../../../verify/trips/types";
import type { Observation } from "../../../verify/types";
import { block, neighbour, ok, path } from "./fixture";

/** Two COEs with a node and a container each, in both families. */
export const families: readonly Family[] = [4, 6];
export const coes = ["one", "two"] as const;
export type Coe = (typeof coes)[number];
export const other = (coe: Coe): Coe => (coe === "one" ? "two" : "one");
export const hub = { 4: "172.16.18.32", 6: "2001:db8:18::32" };
export const range = {
  one: { 4: "192.168.0.0/17", 6: "2001:db8:1::/64" },
  two: { 4: "192.168.128.0/17", 6: "2001:db8:2::/64" },
};
export const host = {
  one: { 4: "172.16.18.33", 6: "2001:db8:18::33" },
  two: { 4: "172.16.18.34", 6: "2001:db8:18::34" },
};
export const piece = {
  one: { 4: "192.168.7.0/26", 6: "2001:db8:1::700/122" },
  two: { 4: "192.168.130.64/26", 6: "2001:db8:2::40/122" },
};
export const pod = {
  one: { 4: "192.168.7.2", 6: "2001:db8:1::702" },
  two: { 4: "192.168.130.66", 6: "2001:db8:2::42" },
};
export const id = (coe: Coe) => `${coe}/n-${coe}`;

export const plan = makePlan(
  parseConfig({
    network: { nodes: ["172.16.18.0/24", "2001:db8:18::/64"], asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: hub[4], address6: hub[6] } },
    coes: Object.fromEntries(
      coes.map((coe) => [
        coe,
        {
          ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/nowhere" } },
          podCidr: families.map((family) => range[coe][family]),
          nodes: { [`n-${coe}`]: { address: host[coe][4], address6: host[coe][6] } },
        },
      ]),
    ),
  }),
);

export const workload = (coe: Coe) => ({
  ...{ name: `probe-${coe}`, coe, node: id(coe), port: 8080 },
  ...{ address: pod[coe][4], address6: pod[coe][6] },
});
export const workloadIn = (coe: Coe, family: Family) => {
  const { address6: _, ...one } = workload(coe);
  return { ...one, address: pod[coe][family] };
};
const only = (family: Family) => (family === 4 ? 32 : 128);

export function kernelOf(coe: Coe, family: Family): FamilyKernel {
  const route = (prefix: string, device: string, over: Partial<TableRoute> = {}): TableRoute => ({
    ...{ prefix, type: "unicast", table: "main", hops: [{ device }], metric: 0 },
    ...over,
  });
  const to = other(coe);
  return {
    routes: [
      route(family === 4 ? "172.16.18.0/24" : "2001:db8:18::/64", "eth0", { protocol: "kernel" }),
      route(`${pod[coe][family]}/${only(family)}`, "cali1"),
      route(piece[to][family], "eth0", {
        ...{ hops: [{ gateway: host[to][family], device: "eth0" }], protocol: "bird" },
      }),
    ],
    ...{ rules: [], neighbours: [], lookups: [], untold: [] },
    settings: family === 4 ? { ip_forward: 1 } : { "conf/all/forwarding": 1 },
    firewalls: [{ backend: "nf_tables", ...(family === 6 ? { family } : {}), tables: {} }],
  };
}

const link = { mtu: 1500, up: true, queue: "noqueue" };
export const kernel = (coe: Coe): NodeKernel => ({
  ...kernelOf(coe, 4),
  links: { cali1: link, eth0: link },
  ipv6: kernelOf(coe, 6),
});

function trips(coe: Coe, family: Family): Trips {
  const [from, to] = [workloadIn(coe, family), workloadIn(other(coe), family)];
  const one: Trip = {
    to: to.address,
    page: { ok: true, value: { server: to.name, client: from.address } },
    mtu: 1500,
    ...{ whole: { ok: true, value: 62 }, straight: { ok: true, value: 62 } },
    body: { ok: true, value: true },
  };
  return { from, to: [to], answer: ok(`${from.node}: trips`, { [to.address]: one }) };
}

const each = <T>(make: (coe: Coe, family: Family) => readonly [string, T]) =>
  Object.fromEntries(coes.flatMap((coe) => families.map((family) => make(coe, family))));
const ofCoe = <T>(make: (coe: Coe) => T) =>
  Object.fromEntries(coes.map((coe) => [coe, ok(coe, make(coe))]));
const ofNode = <T>(make: (coe: Coe) => T) =>
  Object.fromEntries(coes.map((coe) => [id(coe), ok(id(coe), make(coe))]));
export const both = <T>(make: (coe: Coe, family: Family) => T) =>
  coes.flatMap((coe) => families.map((family) => make(coe, family)));

/** What is seen when all is well. */
export const healthy: Observation = {
  neighbours: {
    rr: ok(
      "rr",
      both((coe, family) => neighbour(host[coe][family])),
    ),
  },
  rib: {
    rr: ok(
      "rr",
      both((coe, family) => path(piece[coe][family], host[coe][family])),
    ),
  },
  routes: ofNode((coe) =>
    families.map((family) => ({
      ...{ prefix: piece[other(coe)][family], type: "unicast", device: "eth0", protocol: "bird" },
      gateways: [host[other(coe)][family]],
    })),
  ),
  kernels: ofNode(kernel),
  workloads: ofCoe((coe) => [workload(coe)]),
  containers: ofCoe((coe) =>
    families.map((family) => ({
      ...{ name: `probe-${coe}`, node: id(coe), address: pod[coe][family] },
    })),
  ),
  blocks: ofCoe((coe) =>
    families.map((family) => block(piece[coe][family], id(coe), workloadIn(coe, family))),
  ),
  members: ofCoe((coe) => [{ name: `n-${coe}`, address: host[coe][4], address6: host[coe][6] }]),
  objects: ofCoe(() => []),
  speakers: ofNode((coe) => ({
    routerId: host[coe][4],
    sessions: families.map((family) => ({
      ...{ name: `rr-${family}`, address: hub[family], asn: 64511, state: "Established" as const },
      ...{ uptimeSeconds: 64, exported: [piece[coe][family]] },
      imported: [{ prefix: piece[other(coe)][family], via: host[other(coe)][family] }],
    })),
  })),
  accepts: {
    rr: ok("rr", {
      neighbours: Object.fromEntries(
        both((coe, family) => [
          host[coe][family],
          { asn: 64511, clusterId: hub[4], established: true },
        ]),
      ),
      accepted: both((coe, family) =>
        [family === 4 ? 26 : 122, only(family)].map((length) => ({
          neighbors: [`${host[coe][family]}/${only(family)}`],
          ...{ prefix: range[coe][family], lengths: `${length}..${length}` },
          ...{ nextHops: [host[coe][family]], asPath: "", sets: nodeResets(100) },
        })),
      ).flat(),
      beside: [],
    }),
  },
  trips: each((coe, family) => [keyIn(`${id(coe)}->${other(coe)}`, family), trips(coe, family)]),
  fetches: each((coe, family) => {
    const [from, to] = [workloadIn(coe, family), workloadIn(other(coe), family)];
    const answer = ok(coe, { server: to.name, client: from.address });
    return [keyIn(`${coe}-to-${other(coe)}`, family), { from, to, answer }];
  }),
  intrusions: each((coe, family) => {
    const to = workloadIn(coe, family);
    const answer = ok(coe, { server: to.name, client: host[other(coe)][family] });
    return [keyIn(coe, family), { from: id(other(coe)), to, answer }];
  }),
  ...{ services: {}, addons: {}, nameFetches: {}, serviceFetches: {} },
};
