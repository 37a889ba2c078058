import { type Family, familyOf, formatPrefix } from "../util/net";
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
  const made = Object.entries(reflectors).filter(([, { embedded }]) => embedded);
  return [
    ...alike.flatMap(({ rack = "" }) => {
      const { gateway, gateway6 } = racks[rack] ?? {};
      const own = made.filter(([, one]) => one.rack === rack);
      const [router] = family === 6 ? own : own.filter(([, { address }]) => address === gateway);
      if (router === undefined)
        return [
          {
            path: [...path, rack],
            message: `found no router of it that the lab makes; in a lab with several racks each needs a reflector with kind: external, access: embedded and rack: ${rack}, whose address is the rack's gateway`,
          },
        ];
      const [name, { address, address6 }] = router;
      const needed = hostAddress({ address, address6 }, family);
      // A router without an address is told of where its rack's nodes have one.
      if (needed === undefined) return [];
      if (needed === hostAddress({ address: gateway, address6: gateway6 }, family)) return [];
      const key = gateway !== undefined && familyOf(gateway) === 4 ? "gateway6" : "gateway";
      const found = racks[rack]?.[key];
      return [
        {
          path: [...path, rack, key],
          message: `${found === undefined ? "missing" : `found ${found}`}; in a lab with several racks the router of a rack is its gateway in each family; needed: ${needed}, which is the address of reflectors.${name}`,
        },
      ];
    }),
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
