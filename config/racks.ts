import { formatPrefix, holds, type Prefix, parseAddress } from "../util/net";
import { readAddress, readRange, readRanges } from "./addresses";
import type { Draft } from "./draft";
import { type Kinds, kindOf } from "./kind";
import { dotted, type Path, type Problem } from "./problems";

/** A network of nodes, with where it stands. */
export interface NodeNetwork {
  readonly path: Path;
  readonly range: Prefix;
  /** Its name; absent where the networks have none. */
  readonly rack?: string;
}

const nodesPath = ["network", "nodes"];

/** The networks of nodes that can be read; undefined where nothing is said of them. */
export function nodeNetworks(
  { nodes, racks }: Draft["network"],
  problems: Problem[],
): readonly NodeNetwork[] | undefined {
  if (racks === undefined)
    return readRanges(nodesPath, nodes, problems)?.map((range) => ({ path: nodesPath, range }));
  return Object.entries(racks).flatMap(([rack, { cidr }]) => {
    const path = [...nodesPath, rack, "cidr"];
    const range = readRange(path, cidr, problems);
    return range === undefined ? [] : [{ path, range, rack }];
  });
}

/** What is said of racks, beside their ranges, and of the routers that are theirs. */
export function rackProblems(
  config: Draft,
  { reflectors }: Kinds,
  networks: readonly NodeNetwork[],
  problems: Problem[],
): void {
  gateways(config, reflectors, networks, problems);
  routersOfRacks(config, reflectors, networks, problems);
  racksWithoutRouter(config, networks, problems);
}

/** The router of a rack may be its gateway; a node is none, and neither is a router that forwards nothing. */
function gateways(
  { network: { racks = {} }, reflectors, coes }: Draft,
  kinds: Kinds["reflectors"],
  networks: readonly NodeNetwork[],
  problems: Problem[],
): void {
  for (const [rack, { gateway }] of Object.entries(racks)) {
    if (gateway === undefined) continue;
    const path = [...nodesPath, rack, "gateway"];
    const own = networks.find((one) => one.rack === rack);
    if (readAddress(path, gateway, own && [own.range], problems) === undefined) continue;
    const hosts: [Path, string | undefined][] = [
      ...Object.entries(coes).flatMap(([coe, { nodes }]) =>
        Object.entries(nodes).map(([node, { address }]): [Path, string | undefined] => [
          ["coes", coe, "nodes", node],
          address,
        ]),
      ),
      ...Object.entries(reflectors)
        .filter(([, one]) => one.rack !== rack)
        .map(([name, { address }]): [Path, string | undefined] => [["reflectors", name], address]),
    ];
    const [host] = hosts.find(([, address]) => address === gateway) ?? [];
    if (host !== undefined) {
      const kind = host[0] === "reflectors" ? reflectors[host[1] ?? ""]?.kind : undefined;
      const able = kind !== undefined && kindOf(kinds, kind)?.noRack === undefined;
      const hint = able ? `, or ${dotted([...host, "rack"])}: ${rack} where it is that router` : "";
      problems.push({
        path,
        message: `found ${gateway}, which is also ${dotted(host)}; allowed: the address of the router between ${rack} and the other racks${hint}`,
      });
    }
    if (host === undefined && Object.keys(racks).length === 1)
      problems.push({
        path,
        level: "warning",
        message: `found ${gateway}; there is no other rack, so no route of the plan leads by it: leave it out`,
      });
  }
}

function routersOfRacks(
  { network: { racks }, reflectors }: Draft,
  kinds: Kinds["reflectors"],
  networks: readonly NodeNetwork[],
  problems: Problem[],
): void {
  const named = Object.keys(racks ?? {});
  const able = Object.keys(kinds).filter((kind) => kinds[kind]?.noRack === undefined);
  for (const [name, { rack, address, kind }] of Object.entries(reflectors)) {
    if (rack === undefined) continue;
    const path = ["reflectors", name, "rack"];
    const own = networks.find((one) => one.rack === rack);
    const host = parseAddress(address ?? "");
    const unable = kindOf(kinds, kind)?.noRack;
    if (unable !== undefined)
      problems.push({
        path,
        message: `found ${JSON.stringify(rack)}; a ${kind} reflector cannot be the router of a rack: ${unable}; ${able.length === 0 ? "leave it out" : `allowed: with kind ${able.sort().join(" or ")}`}`,
      });
    else if (racks === undefined)
      problems.push({
        path,
        message: `found ${JSON.stringify(rack)}, but network.nodes names no racks; allowed: only with a map there, such as { ${rack}: { cidr: 10.1.1.0/24 } }`,
      });
    else if (!named.includes(rack))
      problems.push({
        path,
        message: `found ${JSON.stringify(rack)}; allowed: ${[...named].sort().join(", ")}`,
      });
    else if (own !== undefined && host !== undefined && !holds(own.range, host))
      problems.push({
        path,
        message: `found ${rack}, which is ${formatPrefix(own.range)}, and address ${address} is not in it; allowed: the rack of the address`,
      });
  }
}

/** The router of a rack sees packets to every other rack, so that it needs the routes of all. */
function racksWithoutRouter(
  { reflectors, coes }: Draft,
  networks: readonly NodeNetwork[],
  problems: Problem[],
): void {
  const served = Object.values(reflectors).flatMap(({ rack }) => rack ?? []);
  if (served.length === 0) return;
  for (const { rack, range } of networks) {
    if (rack === undefined || served.includes(rack)) continue;
    const nodes = Object.entries(coes).flatMap(([coe, { nodes: all }]) =>
      Object.entries(all)
        .filter(([, { address }]) => isIn(range, address))
        .map(([name]) => `${coe}/${name}`),
    );
    if (nodes.length > 0)
      problems.push({
        path: [...nodesPath, rack],
        message: `found ${nodes.length === 1 ? "1 node" : `${nodes.length} nodes`} in it, such as ${nodes.sort()[0]}, and no reflector with rack: ${rack}; the routers of the other racks need its routes from one; needed: a reflector with rack: ${rack}, or no rack at any reflector`,
      });
  }
}

/** Whether a text is an address in a network. */
export function isIn(network: Prefix, address: string | undefined): boolean {
  const host = parseAddress(address ?? "");
  return host !== undefined && holds(network, host);
}
