import { familyOf, formatPrefix, holds, type Prefix, parseAddress } from "../util/net";
import { listOf } from "../util/ranges";
import { readAddress, readRanges } from "./addresses";
import type { Draft } from "./draft";
import { families, hostAddress } from "./family";
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
    const own = (
      readRanges(path, cidr === undefined ? undefined : listOf(cidr), problems) ?? []
    ).map((range) => ({ path, range, rack }));
    for (const family of families) {
      const alike = own.filter(({ range }) => range.family === family);
      if (alike.length > 1)
        problems.push({
          path,
          message: `found ${alike.map(({ range }) => formatPrefix(range)).join(" and ")}; a rack is one segment; allowed: one range of each family`,
        });
    }
    return own;
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
  const written = Object.entries(racks).flatMap(([rack, { gateway, gateway6 }]) =>
    Object.entries({ gateway, gateway6 }).flatMap(([key, address]) =>
      address === undefined ? [] : [{ rack, key, gateway: address, beside: racks[rack]?.gateway }],
    ),
  );
  for (const { rack, key, gateway, beside } of written) {
    const path = [...nodesPath, rack, key];
    const own = networks.filter((one) => one.rack === rack).map(({ range }) => range);
    if (readAddress(path, gateway, own, problems) === undefined) continue;
    if (key === "gateway6" && (familyOf(gateway) === 4 || familyOf(beside ?? "") === 6)) {
      problems.push({
        path,
        message: `found ${gateway}${familyOf(gateway) === 4 ? "" : ` beside gateway ${beside}`}; allowed: the IPv6 address of the router at gateway, which is IPv4`,
      });
      continue;
    }
    const family = familyOf(gateway) ?? 4;
    const hosts: [Path, string | undefined][] = [
      ...Object.entries(coes).flatMap(([coe, { nodes }]) =>
        Object.entries(nodes).map(([node, one]): [Path, string | undefined] => [
          ["coes", coe, "nodes", node],
          hostAddress(one, family),
        ]),
      ),
      ...Object.entries(reflectors)
        .filter(([, one]) => one.rack !== rack)
        .map(([name, one]): [Path, string | undefined] => [
          ["reflectors", name],
          hostAddress(one, family),
        ]),
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
  for (const [name, { rack, kind, ...one }] of Object.entries(reflectors)) {
    if (rack === undefined) continue;
    const path = ["reflectors", name, "rack"];
    const own = networks.filter((network) => network.rack === rack).map(({ range }) => range);
    const address = families
      .flatMap((family) => hostAddress(one, family) ?? [])
      .find((host) => own.every((range) => !isIn(range, host)));
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
    else if (own.length > 0 && address !== undefined && parseAddress(address) !== undefined)
      problems.push({
        path,
        message: `found ${rack}, which is ${own.map(formatPrefix).join(" and ")}, and address ${address} is not in it; allowed: the rack of the address`,
      });
  }
}

/** The router of a rack sees packets to every other rack, so that it needs the routes of all. */
function racksWithoutRouter(
  { reflectors, coes }: Draft,
  networks: readonly NodeNetwork[],
  problems: Problem[],
): void {
  const routers = Object.entries(reflectors).filter(([, { rack }]) => rack !== undefined);
  if (routers.length === 0) return;
  const told = new Set<string>();
  for (const { rack, range } of networks) {
    if (rack === undefined || told.has(rack)) continue;
    const own = routers.filter(([, one]) => one.rack === rack);
    const { family } = range;
    if (own.some(([, one]) => hostAddress(one, family) !== undefined)) continue;
    const nodes = Object.entries(coes).flatMap(([coe, { nodes: all }]) =>
      Object.entries(all)
        .filter(([, one]) => isIn(range, hostAddress(one, family)))
        .map(([name]) => `${coe}/${name}`),
    );
    if (nodes.length === 0) continue;
    told.add(rack);
    const count = nodes.length === 1 ? "1 node" : `${nodes.length} nodes`;
    const [router] = own;
    problems.push(
      router === undefined
        ? {
            path: [...nodesPath, rack],
            message: `found ${count} in it, such as ${nodes.sort()[0]}, and no reflector with rack: ${rack}; the routers of the other racks need its routes from one; needed: a reflector with rack: ${rack}, or no rack at any reflector`,
          }
        : {
            path: ["reflectors", router[0], family === 6 ? "address6" : "address"],
            message: `missing; ${rack} has ${count} with an IPv${family} address, such as ${nodes.sort()[0]}, whose routes the routers of the other racks need from it; needed: its IPv${family} address`,
          },
    );
  }
}

/** Whether a text is an address in a network. */
export function isIn(network: Prefix, address: string | undefined): boolean {
  const host = parseAddress(address ?? "");
  return host !== undefined && holds(network, host);
}
