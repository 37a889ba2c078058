import type { Acceptance, Network, Router, SessionSide } from "../../../plan/propagation/network";
import { type Family, familyOf, hostPrefix } from "../../../util/net";

/**
 * Configurations of real daemons for a Network of the model. They are written here and not by the product, so that the
 * model is held to the daemons and not to our own idea of them.
 */
export interface Neighbour {
  readonly own: SessionSide;
  readonly other: SessionSide;
  readonly asn: number;
  readonly external: boolean;
}

export function neighboursOf(network: Network, id: string): Neighbour[] {
  return Object.keys(network.sessions)
    .sort()
    .flatMap((name) => {
      const { a, b } = sessionOf(network, name);
      return [
        [a, b],
        [b, a],
      ].flatMap(([own, other]) => {
        if (own === undefined || other === undefined || own.router !== id) return [];
        const { asn } = routerIn(network, other.router);
        return [{ own, other, asn, external: asn !== routerIn(network, id).asn }];
      });
    });
}

export function routerIn(network: Network, id: string): Router {
  const router = network.routers[id];
  if (router === undefined) throw new Error(`no router ${id}`);
  return router;
}

function sessionOf(network: Network, name: string) {
  const session = network.sessions[name];
  if (session === undefined) throw new Error(`no session ${name}`);
  return session;
}

export const ownPrefixes = (network: Network, id: string) =>
  network.originations.filter(({ router }) => router === id).map(({ prefix }) => prefix);

/** A network has one family. */
export const familyIn = ({ segments }: Network): Family =>
  familyOf(Object.values(segments)[0] ?? "") ?? 4;

/** Ranges that a router has a route to by its gateway. */
export function routesOf(network: Network, id: string): { range: string; gateway: string }[] {
  const { gateway, links } = routerIn(network, id);
  if (gateway === undefined) return [];
  return Object.entries(network.segments)
    .filter(([name]) => !links.some(({ segment }) => segment === name))
    .map(([, range]) => ({ range, gateway }));
}

/**
 * @param version 1 for BIRD 1.6 as Calico has it
 * @param node whether every session is multihop with next hops that are looked up, as nodes have it
 */
export function birdConfig(
  network: Network,
  id: string,
  version: 1 | 2,
  node = version === 1,
): string {
  const router = routerIn(network, id);
  const channel = (lines: readonly string[]) =>
    version === 1
      ? lines
      : [`ipv${familyIn(network)} {`, ...lines.map((line) => `  ${line}`), "};"];
  const statics = (name: string, routes: readonly string[]) =>
    block(`protocol static ${name}`, [
      ...(version === 1 ? [] : [`ipv${familyIn(network)};`]),
      ...routes,
    ]);
  return [
    `router id ${router.routerId};`,
    block("protocol device", ["scan time 10;"]),
    block("protocol direct", version === 1 ? ['interface "*";'] : [`ipv${familyIn(network)};`]),
    statics(
      "own",
      ownPrefixes(network, id).map((prefix) => `route ${prefix} blackhole;`),
    ),
    statics(
      "others",
      routesOf(network, id).map(({ range, gateway }) => `route ${range} via ${gateway};`),
    ),
    ...neighboursOf(network, id).map(({ own, other, asn, external }, index) =>
      block(`protocol bgp n${index}`, [
        `local ${own.address} as ${router.asn};`,
        `neighbor ${other.address} as ${asn};`,
        ...(version === 1 ? ["multihop;", "gateway recursive;"] : []),
        ...(version === 2 && node ? ["multihop;"] : []),
        ...(version === 2 && external && !node
          ? [own.multihop === true ? "multihop;" : "direct;"]
          : []),
        ...(own.role === "reflector" ? ["rr client;"] : []),
        ...(own.role === "reflector" && router.clusterId !== undefined
          ? [`rr cluster id ${router.clusterId};`]
          : []),
        ...(own.routeServer === true ? ["rs client;"] : []),
        ...(own.allowOwnAs === undefined ? [] : [`allow local as ${own.allowOwnAs};`]),
        ...["connect delay time 1;", "connect retry time 1;", "error wait time 1,1;"],
        ...(version === 1 ? [addPaths(own)] : []),
        ...channel([
          ...(own.nextHop === undefined ? [] : [`next hop ${own.nextHop};`]),
          ...(version === 2 ? [addPaths(own)] : []),
          ...(version === 2 && node ? ["gateway recursive;"] : []),
          block("import filter", birdImport(own.accepts)),
          block("export filter", [
            ...(own.noAdvertise === true ? ["bgp_community.add((65535,65282));"] : []),
            'if source = RTS_BGP || proto = "own" then accept;',
            "reject;",
          ]),
        ]),
      ]),
    ),
  ].join("\n");
}

const addPaths = ({ paths = 1 }: SessionSide) => `add paths ${paths > 1 ? "on" : "rx"};`;

function block(head: string, lines: readonly string[]): string {
  return [
    `${head} {`,
    ...lines.map((line) => `  ${line}`),
    head.includes("filter") ? "};" : "}",
  ].join("\n");
}

function birdImport({ prefixes, nextHops, longestPath, localPref }: Acceptance = {}): string[] {
  const spans = prefixes?.map((one) => `${one.cidr}{${one.minLength},${one.maxLength}}`);
  return [
    ...(spans === undefined
      ? []
      : spans.length === 0
        ? ["reject;"]
        : [`if ! (net ~ [ ${spans.join(", ")} ]) then reject;`]),
    ...(nextHops === undefined
      ? []
      : [`if ! (bgp_next_hop ~ [ ${nextHops.join(", ")} ]) then reject;`]),
    ...(longestPath === undefined ? [] : [`if bgp_path.len > ${longestPath} then reject;`]),
    ...(localPref === undefined ? [] : [`bgp_local_pref = ${localPref};`]),
    "accept;",
  ];
}

export function frrConfig(network: Network, id: string): string {
  const router = routerIn(network, id);
  const all = neighboursOf(network, id);
  return [
    "frr defaults traditional",
    ...all.flatMap(({ own }, index) => frrPolicy(own, index, familyIn(network))),
    `router bgp ${router.asn}`,
    ` bgp router-id ${router.routerId}`,
    ...(router.clusterId === undefined ? [] : [` bgp cluster-id ${router.clusterId}`]),
    " no bgp ebgp-requires-policy",
    " no bgp network import-check",
    " no bgp default ipv4-unicast",
    " bgp bestpath compare-routerid",
    " coalesce-time 20",
    ...all.flatMap(({ own, other, asn, external }) => [
      ` neighbor ${other.address} remote-as ${asn}`,
      ` neighbor ${other.address} update-source ${own.address}`,
      ` neighbor ${other.address} advertisement-interval 0`,
      ` neighbor ${other.address} timers connect 1`,
      ...(external && own.multihop === true ? [` neighbor ${other.address} ebgp-multihop 8`] : []),
    ]),
    ` address-family ipv${familyIn(network)} unicast`,
    "  maximum-paths 1",
    ...ownPrefixes(network, id).map((prefix) => `  network ${prefix}`),
    ...all.flatMap(({ own, other }, index) =>
      [
        "activate",
        ...(own.role === "reflector" ? ["route-reflector-client"] : []),
        ...(own.routeServer === true ? ["route-server-client"] : []),
        ...(own.nextHop === "self" ? ["next-hop-self force"] : []),
        ...(own.nextHop === "keep" ? ["attribute-unchanged next-hop"] : []),
        ...(own.replacePeerAs === true ? ["as-override"] : []),
        ...(own.allowOwnAs === undefined ? [] : [`allowas-in ${own.allowOwnAs}`]),
        ...((own.paths ?? 1) > 1 ? ["addpath-tx-all-paths"] : []),
        ...(own.accepts === undefined ? [] : [`route-map in-${index} in`]),
        ...(own.noAdvertise === true ? [`route-map out-${index} out`] : []),
      ].map((line) => `  neighbor ${other.address} ${line}`),
    ),
    " exit-address-family",
    "exit",
    "",
  ].join("\n");
}

function frrPolicy({ accepts, noAdvertise }: SessionSide, index: number, family: Family): string[] {
  const { prefixes, nextHops, longestPath, localPref } = accepts ?? {};
  const ip = family === 6 ? "ipv6" : "ip";
  return [
    ...(noAdvertise === true
      ? [`route-map out-${index} permit 10`, " set community no-advertise additive", "exit"]
      : []),
    ...(prefixes ?? []).map(
      ({ cidr, minLength, maxLength }, seq) =>
        `${ip} prefix-list p-${index} seq ${seq + 1} permit ${cidr} ${minLength > Number(cidr.split("/")[1]) ? `ge ${minLength} ` : ""}le ${maxLength}`,
    ),
    ...(prefixes?.length === 0 ? [`${ip} prefix-list p-${index} seq 1 deny any`] : []),
    ...(nextHops ?? []).map(
      (address, seq) => `${ip} prefix-list h-${index} seq ${seq + 1} permit ${hostPrefix(address)}`,
    ),
    ...(nextHops?.length === 0 ? [`${ip} prefix-list h-${index} seq 1 deny any`] : []),
    ...(longestPath === undefined ? [] : [pathList(index, longestPath)]),
    ...(accepts === undefined
      ? []
      : [
          `route-map in-${index} permit 10`,
          ...(prefixes === undefined ? [] : [` match ${ip} address prefix-list p-${index}`]),
          ...(nextHops === undefined ? [] : [` match ${ip} next-hop prefix-list h-${index}`]),
          ...(longestPath === undefined ? [] : [` match as-path a-${index}`]),
          ...(localPref === undefined ? [] : [` set local-preference ${localPref}`]),
          "exit",
        ]),
  ];
}

/** FRR tells paths by their text: nothing, or that many numbers at most. */
function pathList(index: number, longest: number): string {
  const more = "( [0-9]+)?".repeat(Math.max(0, longest - 1));
  return `bgp as-path access-list a-${index} permit ${longest === 0 ? "^$" : `^([0-9]+${more})?$`}`;
}

export function gobgpConfigFor(network: Network, id: string): string {
  const router = routerIn(network, id);
  const all = neighboursOf(network, id);
  const sets = all.map(({ own, other }, index) => ({ own, other, set: `n${index}` }));
  return JSON.stringify({
    global: {
      config: {
        as: router.asn,
        "router-id": router.routerId,
        "local-address-list": router.links.map(({ address }) => address),
      },
      "route-selection-options": { config: { "external-compare-router-id": true } },
      "apply-policy": {
        config: {
          "default-import-policy": "accept-route",
          "default-export-policy": "accept-route",
          "import-policy-list": ["in"],
          "export-policy-list": ["out"],
        },
      },
    },
    "defined-sets": {
      "neighbor-sets": sets.map(({ other, set }) => ({
        "neighbor-set-name": set,
        "neighbor-info-list": [hostPrefix(other.address)],
      })),
      "prefix-sets": sets.map(({ own, set }) => ({
        "prefix-set-name": set,
        "prefix-list": (own.accepts?.prefixes ?? []).map((span) => ({
          "ip-prefix": span.cidr,
          "masklength-range": `${span.minLength}..${span.maxLength}`,
        })),
      })),
    },
    "policy-definitions": [
      { name: "in", statements: sets.flatMap(({ own, set }) => gobgpImport(set, own.accepts)) },
      { name: "out", statements: sets.flatMap(({ own, set }) => gobgpExport(set, own)) },
    ],
    neighbors: all.map((neighbour) =>
      gobgpNeighbour(router, neighbour, routerIn(network, neighbour.other.router).kind === "gobgp"),
    ),
  });
}

function gobgpImport(set: string, accepts: Acceptance | undefined): object[] {
  if (accepts === undefined) return [];
  const { prefixes, nextHops, longestPath, localPref } = accepts;
  const neighbour = { "match-neighbor-set": { "neighbor-set": set } };
  const taken = {
    name: `${set}-in`,
    conditions: {
      ...neighbour,
      ...(prefixes === undefined ? {} : { "match-prefix-set": { "prefix-set": set } }),
      "bgp-conditions": {
        ...(nextHops === undefined ? {} : { "next-hop-in-list": nextHops }),
        ...(longestPath === undefined
          ? {}
          : { "as-path-length": { operator: "le", value: longestPath } }),
      },
    },
    actions: {
      "route-disposition": "accept-route",
      ...(localPref === undefined ? {} : { "bgp-actions": { "set-local-pref": localPref } }),
    },
  };
  const rest = {
    name: `${set}-rest`,
    conditions: neighbour,
    actions: { "route-disposition": "reject-route" },
  };
  return prefixes?.length === 0 || nextHops?.length === 0 ? [rest] : [taken, rest];
}

function gobgpExport(set: string, { nextHop, noAdvertise }: SessionSide): object[] {
  if (nextHop === undefined && noAdvertise !== true) return [];
  return [
    {
      name: `${set}-out`,
      conditions: { "match-neighbor-set": { "neighbor-set": set } },
      actions: {
        "bgp-actions": {
          ...(nextHop === undefined
            ? {}
            : { "set-next-hop": nextHop === "keep" ? "unchanged" : "self" }),
          ...(noAdvertise === true
            ? {
                "set-community": {
                  options: "add",
                  "set-community-method": { "communities-list": ["no-advertise"] },
                },
              }
            : {}),
        },
      },
    },
  ];
}

function gobgpNeighbour(
  router: Router,
  { own, other, asn, external }: Neighbour,
  both: boolean,
): object {
  return {
    config: { "neighbor-address": other.address, "peer-as": asn },
    timers: { config: { "connect-retry": 1, "idle-hold-time-after-reset": 1 } },
    transport: {
      // Two that call each other at once may take long to agree on one connection.
      config: { "local-address": own.address, "passive-mode": own.address < other.address && both },
    },
    ...(external && own.multihop === true
      ? { "ebgp-multihop": { config: { enabled: true, "multihop-ttl": 8 } } }
      : {}),
    ...(own.role === "reflector"
      ? {
          "route-reflector": {
            config: {
              "route-reflector-client": true,
              "route-reflector-cluster-id": router.clusterId ?? router.routerId,
            },
          },
        }
      : {}),
    ...(own.replacePeerAs === true || own.allowOwnAs !== undefined
      ? {
          "as-path-options": {
            config: {
              ...(own.replacePeerAs === true ? { "replace-peer-as": true } : {}),
              ...(own.allowOwnAs === undefined ? {} : { "allow-own-as": own.allowOwnAs }),
            },
          },
        }
      : {}),
    "afi-safis": [
      {
        config: { "afi-safi-name": `ipv${familyOf(own.address)}-unicast` },
        "add-paths": {
          config: {
            receive: (other.paths ?? 1) > 1,
            ...((own.paths ?? 1) > 1 ? { "send-max": own.paths } : {}),
          },
        },
      },
    ],
  };
}
