import { type Family, formatPrefix } from "../util/net";
import type { Claim } from "./claims";
import type { Draft } from "./draft";
import { families, hostAddress } from "./family";
import { dotted, type Problem } from "./problems";
import { isIn, type NodeNetwork } from "./racks";

/** The networks of nodes as ranges that are claimed, with what follows from there being several. */
export function networks(
  config: Draft,
  nodes: readonly NodeNetwork[],
  problems: Problem[],
): Claim[] {
  const coes = Object.values(config.coes);
  const allEmbedded = coes.length > 0 && coes.every(({ embedded }) => embedded);
  for (const family of families) {
    const alike = nodes.filter(({ range }) => range.family === family);
    if (coes.some(({ embedded }) => embedded) && alike.length > 1)
      problems.push(...severalInLab(config, alike, family).filter((one) => !isTold(problems, one)));
    const used = alike.filter(({ range }) =>
      coes.some((coe) =>
        Object.values(coe.nodes).some((node) => isIn(range, hostAddress(node, family))),
      ),
    );
    if (used.length > 1)
      problems.push(...between(config, used).filter((one) => !isTold(problems, one)));
  }
  return nodes.map((one) => ({
    path: one.path,
    range: one.range,
    routed: true,
    exists: !allEmbedded,
  }));
}

/** Racks are told of once, though they may have networks of both families. */
function isTold(problems: readonly Problem[], { path, message }: Problem): boolean {
  return problems.some((one) => dotted(one.path) === dotted(path) && one.message === message);
}

/** Several networks in a lab are racks, each with a router that the lab makes and that is its hosts' gateway. */
function severalInLab(
  { network: { racks }, reflectors }: Draft,
  alike: readonly NodeNetwork[],
  family: Family,
): Problem[] {
  const path = ["network", "nodes"];
  if (racks === undefined)
    return [
      {
        path,
        message: `found ${alike.length} ranges of IPv${family}; the lab has one network of nodes; allowed: one range, or one of each family, or racks by name`,
      },
    ];
  if (family === 6)
    return [
      {
        path,
        message: `found ${alike.length} ranges of IPv6; a lab with several racks has IPv4 alone; allowed: racks without IPv6, or one network of both families`,
      },
    ];
  const made = Object.values(reflectors).filter(({ embedded }) => embedded);
  const without = alike.filter(
    ({ rack = "" }) =>
      !made.some((one) => one.rack === rack && one.address === racks[rack]?.gateway),
  );
  return [
    ...without.map(({ rack = "" }) => ({
      path: [...path, rack],
      message: `found no router of it that the lab makes; in a lab with several racks each needs a reflector with kind: external, access: embedded and rack: ${rack}, whose address is the rack's gateway`,
    })),
    ...Object.entries(reflectors)
      .filter(([, { embedded }]) => !embedded)
      .map(([name, { kind = "" }]) => ({
        path: ["reflectors", name],
        message: `found kind ${kind} without access: embedded; a lab with several racks has routers of racks alone; allowed: kind: external with access: embedded`,
      })),
  ];
}

/** Routers between networks see the containers' own addresses; those that are in the plan have the routes. */
function between({ network, reflectors }: Draft, used: readonly NodeNetwork[]): Problem[] {
  const why = "there is no encapsulation, so";
  if (network.racks === undefined)
    return [
      {
        path: ["network", "nodes"],
        level: "warning",
        message: `found nodes in ${used.map(({ range }) => formatPrefix(range)).join(" and ")}; ${why} the routers between these networks see the containers' own addresses: they need the routes, by sessions with the reflectors or as static routes`,
      },
    ];
  const routed = Object.values(reflectors).map(({ rack }) => rack);
  return used.flatMap(({ rack = "" }) => {
    if (routed.includes(rack)) return [];
    const gateway = network.racks?.[rack]?.gateway;
    return [
      {
        path: ["network", "nodes", rack],
        level: "warning",
        message: `found nodes in it, and no reflector with rack: ${rack}; ${why} ${gateway === undefined ? "the router between it and the other racks" : `its gateway ${gateway}`} sees the containers' own addresses: it needs the routes, as that reflector or as static routes`,
      },
    ];
  });
}
