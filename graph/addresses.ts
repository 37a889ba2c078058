import { hasOwnRanges } from "../plan/blocks";
import { addressesOf } from "../plan/families";
import type { CoePlan, Plan } from "../plan/types";
import { blocksText } from "../plan/views";
import { compareNames } from "../util/names";
import {
  address,
  blocksIn,
  compareAddresses,
  comparePrefixes,
  formatPrefix,
  freeIn,
  holds,
  type Prefix,
  prefix,
  sizeOf,
  within,
} from "../util/net";
import {
  blockSizeIn,
  listOf,
  nodeNetworks,
  podRanges,
  poolNames,
  type Ranges,
  supernets,
} from "../util/ranges";
import type { Graph, GraphEdge, GraphNode } from "./types";

/** Free prefixes of one range that are drawn one by one: the largest. */
const mostFree = 8;

/** A branch of the picture: a range with what is in it. */
interface Branch {
  readonly root: GraphNode;
  readonly parts: readonly GraphNode[];
}

/** The address space: ranges of containers, of services and of nodes, each with what is in it and what is free. */
export function addressesGraph(plan: Plan): Graph {
  const coes = Object.values(plan.coes).sort((a, b) => compareNames(a.name, b.name));
  const branches = [
    ...containerBranches(plan, coes),
    ...serviceBranches(coes),
    ...nodeNetworks(plan).map((range) => nodeBranch(plan, coes, range)),
  ];
  return {
    title: "Address space",
    direction: "right",
    groups: [],
    nodes: branches.flatMap(({ root, parts }) => [root, ...parts]),
    edges: branches.flatMap(({ root, parts }) =>
      parts.map((part): GraphEdge => ({ from: root.id, to: part.id, look: "holds" })),
    ),
    notes: [],
  };
}

function containerBranches(plan: Plan, coes: readonly CoePlan[]): Branch[] {
  const named = supernets(plan).map(prefix).sort(comparePrefixes);
  const all = coes.flatMap((coe) =>
    podRanges(coe).map((range) => ({ coe, range, at: prefix(range) })),
  );
  // Without a supernet each range stands by itself.
  const roots = named.length > 0 ? named : all.map(({ at }) => at).sort(comparePrefixes);
  return roots.map((root) => {
    const inside = all.filter(({ at }) => within(root, at));
    const free = freeIn(
      root,
      inside.map(({ at }) => at),
    );
    const used = inside.map(({ coe, range, at }) => ({
      at,
      node: containerNode(coe, range, root),
    }));
    const text = formatPrefix(root);
    return {
      root: {
        id: `space ${text}`,
        lines: [text, named.length > 0 ? "container range" : "containers", freeText(root, free)],
        look: "network",
        rank: 0,
      },
      parts: [...used, ...freeNodes(`space ${text}`, root, free)]
        .sort((a, b) => comparePrefixes(a.at, b.at))
        .map(({ node }) => node),
    };
  });
}

function containerNode(coe: CoePlan, range: string, root: Prefix): GraphNode {
  const at = prefix(range);
  const retiring = coe.retiring?.includes(range) ?? false;
  const pool = poolNames(podRanges(coe), coe.pool)[range];
  return {
    id: `range ${coe.name} ${range}`,
    lines: [
      range,
      `${coe.name}${retiring ? ", retiring" : ""}`,
      blocks(coe, range),
      ...(pool === undefined ? [] : [`pool ${pool}`]),
    ],
    look: retiring ? "retiring" : "containers",
    rank: 1,
    share: shareOf(at, root),
  };
}

function blocks(coe: CoePlan, range: string): string {
  if (hasOwnRanges(coe)) return blocksText(coe);
  const at = prefix(range);
  const length = blockSizeIn(coe, range);
  const count = at.family === 4 ? String(blocksIn(at, length)) : `2^${length - at.length}`;
  return `${count} x /${length}`;
}

interface Placed {
  readonly at: Prefix;
  readonly node: GraphNode;
}

function freeNodes(parent: string, root: Prefix, free: readonly Prefix[]): Placed[] {
  const bySize = [...free].sort((a, b) => a.length - b.length || comparePrefixes(a, b));
  const [shown, rest] = [bySize.slice(0, mostFree), bySize.slice(mostFree)];
  const nodes = shown.map((at): Placed => {
    const text = formatPrefix(at);
    return {
      at,
      node: {
        id: `${parent} free ${text}`,
        lines: [text, "free"],
        look: "free",
        rank: 1,
        share: shareOf(at, root),
      },
    };
  });
  const [first] = rest;
  if (first === undefined) return nodes;
  const node: GraphNode = {
    id: `${parent} free rest`,
    lines: [`${rest.length} smaller ranges`, "free", `${sum(rest)} addresses`],
    look: "free",
    rank: 1,
  };
  return [...nodes, { at: first, node }];
}

/** Each range of services by itself: they are not taken from one space. */
function serviceBranches(coes: readonly CoePlan[]): Branch[] {
  const ranges = coes.flatMap((coe) => {
    const { announced, serviceCidr } = coe;
    const known: readonly (readonly [Ranges | undefined, string])[] = [
      [announced.clusterIPs, "services, announced"],
      [announced.clusterIPs === undefined ? serviceCidr : undefined, "services, not announced"],
      [announced.loadBalancerIPs, "load balancers, announced"],
      [announced.externalIPs, "external addresses, announced"],
    ];
    return known.flatMap(([all, what]) => listOf(all).map((range) => ({ coe, range, what })));
  });
  const roots = [...new Set(ranges.map(({ range }) => range))]
    .map(prefix)
    .sort(comparePrefixes)
    .map(formatPrefix);
  return roots.map((root) => ({
    root: { id: `services ${root}`, lines: [root, "services"], look: "network", rank: 0 },
    parts: ranges
      .filter(({ range }) => range === root)
      .map(({ coe, what }) => ({
        id: `services ${root} ${coe.name} ${what}`,
        lines: [coe.name, what],
        look: "services" as const,
        rank: 1,
      })),
  }));
}

function nodeBranch(plan: Plan, coes: readonly CoePlan[], range: string): Branch {
  const network = prefix(range);
  const owners: readonly (readonly [string, readonly string[]])[] = [
    ["reflectors", Object.values(plan.reflectors).flatMap(addressesOf)],
    ...coes.map(({ name, nodes }) => {
      return [`nodes of ${name}`, Object.values(nodes).flatMap(addressesOf)] as const;
    }),
  ];
  const inside = owners
    .map(([owner, all]) => [owner, all.filter((one) => holds(network, address(one)))] as const)
    .filter(([, all]) => all.length > 0);
  const used = inside.reduce((count, [, all]) => count + all.length, 0);
  const free = usable(network) - BigInt(used);
  return {
    root: {
      id: `nodes ${range}`,
      lines: [range, "node network", `${used} used, ${free} free`],
      look: "network",
      rank: 0,
    },
    parts: inside.map(([owner, all]) => {
      const sorted = [...all].sort((a, b) => compareAddresses(address(a), address(b)));
      const [first, last] = [sorted[0], sorted.at(-1)];
      return {
        id: `nodes ${range} ${owner}`,
        lines: [owner, all.length === 1 ? `${first}` : `${all.length}: ${first} to ${last}`],
        look: owner === "reflectors" ? ("reflector" as const) : ("node" as const),
        rank: 1,
      };
    }),
  };
}

/** Addresses that hosts can have: in IPv4 all but the network's own and the broadcast address (RFC 950). */
function usable(network: Prefix): bigint {
  const size = sizeOf(network);
  return network.family === 4 && size > 2n ? size - 2n : size;
}

function freeText(root: Prefix, free: readonly Prefix[]): string {
  const left = sum(free);
  if (left === 0n) return "nothing free";
  if (left === sizeOf(root)) return "all free";
  const percent = Number((left * 1000n) / sizeOf(root)) / 10;
  return `${left} addresses free (${percent} %)`;
}

function sum(prefixes: readonly Prefix[]): bigint {
  return prefixes.reduce((total, one) => total + sizeOf(one), 0n);
}

function shareOf(part: Prefix, whole: Prefix): number {
  return 2 ** (whole.length - part.length);
}
