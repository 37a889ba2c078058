import { routerModels } from "../../components/kinds/models";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { routerTraits } from "../../components/kinds/traits";
import type { RawConfig } from "../../config";
import { ConfigError } from "../../config/problems";
import { type TopologyName, topologies } from "../../config/types";
import { networkOf, type Path, settle, topologyOf } from "../../plan/propagation";
import { firstBlocks } from "../../plan/propagation/from-plan";
import type { Plan, SessionEnd, SessionPlan } from "../../plan/types";

/** A topology with an AS scheme and, where there are reflectors, their kind. */
export interface Shape {
  readonly topology: TopologyName;
  readonly asns: (typeof schemes)[number];
  /** Absent in a mesh. */
  readonly kind?: string;
}

export const schemes = ["shared", "perCoe", "perRack", "perServer"] as const;

/** Every combination there is. */
export const shapes: readonly Shape[] = topologies.flatMap((topology) =>
  kindsIn(topology).flatMap((kind) => schemes.map((asns): Shape => ({ topology, asns, ...kind }))),
);

/** The kinds of reflectors that a topology can have. */
function kindsIn(topology: TopologyName): readonly Pick<Shape, "kind">[] {
  if (topology === "mesh") return [{}];
  return Object.keys(routerModels)
    .sort()
    .map((kind) => ({ kind }));
}

export function nameOf({ topology, asns, kind }: Shape): string {
  return kind === undefined ? `${topology} ${asns}` : `${topology} ${asns} ${kind}`;
}

/** Whether test/helpers/shape-lab.ts can run a shape: it starts daemons outside of containers. */
export function runnable({ kind }: Shape): boolean {
  return kind === undefined || ["bird", "external", "frr", "gobgp"].includes(kind);
}

/** Two COEs of two nodes each; the first ones of both are in one rack, and the second ones in another. */
export const nodesOf = { one: ["a1", "a2"], two: ["b1", "b2"] } as const;
export const allNodes: readonly string[] = [...nodesOf.one, ...nodesOf.two];
export const coeOf = (node: string) => (node.startsWith("a") ? "one" : "two");
export const idOf = (node: string) => `${coeOf(node)}/${node}`;
export const addresses: Readonly<Record<string, string>> = {
  ...{ a1: "172.16.18.11", a2: "172.16.18.141", b1: "172.16.18.12", b2: "172.16.18.142" },
};
export const reflectorAddress = "172.16.18.1";
const podCidrs = { one: "192.168.0.0/17", two: "192.168.128.0/17" };

const asnsOf = (scheme: Shape["asns"]) => ({
  coe: (coe: string) => (scheme === "perCoe" ? { asn: coe === "one" ? 64601 : 64602 } : {}),
  rack: (rack: number) => (scheme === "perRack" ? { asn: 64610 + rack } : {}),
  node: (node: string) => (scheme === "perServer" ? { asn: 64621 + allNodes.indexOf(node) } : {}),
});

/** @param etcd endpoints of the COEs' datastores. Default: somewhere */
export function configOf(
  { topology, asns, kind }: Shape,
  etcd: Readonly<Record<string, string>> = {},
  without?: string,
): RawConfig {
  const asn = asnsOf(asns);
  const coe = (name: keyof typeof nodesOf) => ({
    kind: "dcos",
    podCidr: podCidrs[name],
    policy: "open",
    access: { url: "http://127.0.0.1:1", etcd: [etcd[name] ?? "http://127.0.0.1:1"] },
    ...asn.coe(name),
    nodes: Object.fromEntries(
      nodesOf[name]
        .filter((node) => node !== without)
        .map((node) => [node, { address: addresses[node], ...asn.node(node) }]),
    ),
  });
  const racks = {
    "rack-1": { cidr: "172.16.18.0/25", ...asn.rack(1) },
    "rack-2": { cidr: "172.16.18.128/25", ...asn.rack(2) },
  };
  return {
    network: {
      ...{ supernet: "192.168.0.0/16", asn: 64511, topology, asns },
      nodes: asns === "perRack" ? racks : "172.16.18.0/24",
    },
    ...(kind === undefined ? {} : { reflectors: { rr: reflectorOf(kind) } }),
    coes: { one: coe("one"), two: coe("two") },
  };
}

/** A reflector of a kind, with what the kind cannot do without. */
function reflectorOf(kind: string): object {
  return {
    ...{ kind, address: reflectorAddress },
    ...(kind === "external" ? { dialect: "frr" } : {}),
  };
}

/** The plan of a shape, or why there is none. @param without a node that is not there yet */
export function planOf(
  shape: Shape,
  etcd?: Readonly<Record<string, string>>,
  without?: string,
): Plan | string {
  try {
    return makePlan(parseConfig(configOf(shape, etcd, without)));
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
}

/** The same plan with nodes that pass on what they learn. */
export function withoutOwnRoutesOnly(plan: Plan): Plan {
  const bare = ({ ownRoutesOnly: _, ...end }: SessionEnd): SessionEnd => end;
  const sessions = Object.entries(plan.sessions).map(([name, session]): [string, SessionPlan] => [
    name,
    { ...session, a: bare(session.a), b: bare(session.b) },
  ]);
  return { ...plan, sessions: Object.fromEntries(sessions) };
}

/** What the model says each node has of each other one's block, all paths, the best one first. */
export function modelled(plan: Plan): Record<string, Record<string, readonly Path[]>> {
  const blocks = firstBlocks(plan, new Set(allNodes.map(idOf)), 4);
  const topology = topologyOf(networkOf(plan), routerTraits);
  const outcomes = allNodes.map((from) => ({
    from,
    paths: settle(topology, blockOf(from), [idOf(from)]).paths,
  }));
  if (blocks.size !== allNodes.length) throw new Error("a node without a block");
  return Object.fromEntries(
    allNodes.map((to) => [
      to,
      Object.fromEntries(
        outcomes
          .filter(({ from }) => from !== to)
          .map(({ from, paths }) => [from, paths.get(idOf(to)) ?? []]),
      ),
    ]),
  );
}

/** The block that a node has taken. */
export const blockOf = (node: string) =>
  `192.168.${{ a1: 0, a2: 1, b1: 128, b2: 129 }[node] ?? 255}.0/26`;
