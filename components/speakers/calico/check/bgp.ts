import { z } from "zod";
import { name, password, rangeOrAddress, selector, v3 } from "./common";
import {
  type Conflict,
  choice,
  either,
  fields,
  flag,
  must,
  optional,
  text,
  whole,
  withRules,
} from "./fields";
import { isAddress, isAsNumber, isCommunity, isDuration, peerAddress, versionOf } from "./values";

const asNumber = either(
  isAsNumber,
  `0 to ${2 ** 32 - 1}, or two numbers of 16 bits in quotes such as "1.10"`,
).optional();
const duration = text(must(isDuration, "a duration such as 120s")).optional();
const address = must(isAddress, "an address such as 192.0.2.1");

const peerSpec = fields({
  asNumber,
  filters: z.array(text(name)).optional(),
  keepOriginalNextHop: flag,
  localASNumber: asNumber,
  localWorkloadSelector: optional(selector),
  maxRestartTime: duration,
  nextHopMode: z.enum(["Auto", "Keep", "Self"]).optional(),
  node: optional(name),
  nodeSelector: optional(selector),
  numAllowedLocalASNumbers: whole(-(2 ** 31), 2 ** 31 - 1),
  password,
  peerIP: optional(
    must(
      (value) => peerAddress(value) !== undefined,
      "an address, or one with a port such as 192.0.2.1:179 or [2001:db8::1]:179",
    ),
  ),
  peerSelector: optional(selector),
  reachableBy: optional(address),
  reversePeering: z.enum(["Auto", "Manual"]).optional(),
  sourceAddress: choice(["None", "UseNodeIP"]),
  ttlSecurity: whole(0, 255),
});

type PeerSpec = z.output<typeof peerSpec>;

/** Fields of a peer of which one says what the other would. */
const exclusive: readonly (readonly [keyof PeerSpec, keyof PeerSpec, string])[] = [
  ["node", "nodeSelector", "the nodes that have the session"],
  ["peerIP", "peerSelector", "the other end"],
  ["peerIP", "localWorkloadSelector", "the other end"],
  ["peerSelector", "localWorkloadSelector", "the other end"],
  ["asNumber", "peerSelector", "the AS, which is that of the nodes selected"],
];

const given = (value: unknown) =>
  value !== undefined && value !== "" && !(isAsNumber(value) && Number(value) === 0);

export const peer = v3(
  "BGPPeer",
  withRules(peerSpec, function* (one): Iterable<Conflict> {
    for (const [field, other, what] of exclusive)
      if (given(one[field]) && given(one[other]))
        yield {
          path: [field],
          found: one[field],
          message: `allowed: nothing beside ${other}; both say ${what}`,
        };
    const { asNumber: asn, localWorkloadSelector, keepOriginalNextHop, nextHopMode } = one;
    if (given(localWorkloadSelector) && !given(asn))
      yield { path: ["asNumber"], found: asn, message: "localWorkloadSelector needs one" };
    if (keepOriginalNextHop === true && nextHopMode !== undefined)
      yield {
        path: ["keepOriginalNextHop"],
        found: true,
        message: "allowed: false beside nextHopMode, which replaces it",
      };
    yield* gateway(one);
  }),
);

function* gateway({ reachableBy = "", peerIP = "" }: PeerSpec): Iterable<Conflict> {
  const version = versionOf(reachableBy);
  if (version === undefined || version === versionOf(peerAddress(peerIP) ?? "")) return;
  yield {
    path: ["reachableBy"],
    found: reachableBy,
    message:
      peerIP === "" ? "allowed: nothing without peerIP" : "allowed: the IP version of peerIP",
  };
}

const ranges = z.array(fields({ cidr: optional(rangeOrAddress) })).optional();
const community = must(isCommunity, "aa:nn of 16 bits each, or aa:nn:mm of 32 bits each");

const configurationSpec = fields({
  asNumber,
  bindMode: z.string().optional(),
  communities: z.array(fields({ name: text(name), value: text(community) })).optional(),
  ignoredInterfaces: z
    .array(
      text(
        must(
          (value) => value !== "*" && /^[a-zA-Z0-9_.*-]{1,15}$/.test(value),
          "1 to 15 of letters, digits, _, ., - and *, but not * alone",
        ),
      ),
    )
    .optional(),
  listenPort: whole(0, 65535),
  localWorkloadPeeringIPV4: optional(
    must((value) => versionOf(value) === 4, "an IPv4 address such as 169.254.1.1"),
  ),
  localWorkloadPeeringIPV6: optional(
    must((value) => versionOf(value) === 6, "an IPv6 address such as fe80::1"),
  ),
  logSeverityScreen: choice(["Trace", "Debug", "Info", "Warning", "Error", "Fatal"]),
  nodeMeshMaxRestartTime: duration,
  nodeMeshPassword: password,
  nodeToNodeMeshEnabled: flag,
  prefixAdvertisements: z
    .array(fields({ cidr: text(rangeOrAddress), communities: z.array(z.string()) }))
    .optional(),
  serviceClusterIPs: ranges,
  serviceExternalIPs: ranges,
  serviceLoadBalancerAggregation: z.enum(["Disabled", "Enabled"]).optional(),
  serviceLoadBalancerIPs: ranges,
});

type ConfigurationSpec = z.output<typeof configurationSpec>;

function* communities(one: ConfigurationSpec): Iterable<Conflict> {
  const { communities: named = [], prefixAdvertisements: advertised = [] } = one;
  if (named.length > 0 && advertised.length === 0)
    yield {
      path: ["communities"],
      found: named,
      message: "allowed: none without prefixAdvertisements, which use them",
    };
  for (const [index, { communities: used }] of advertised.entries())
    for (const [place, found] of used.entries())
      if (!isCommunity(found) && !named.some((known) => known.name === found))
        yield {
          path: ["prefixAdvertisements", index, "communities", place],
          found,
          message: `allowed: a name of spec.communities${named.length === 0 ? "" : ` (${named.map((known) => known.name).join(", ")})`}, or a value such as 64511:100`,
        };
}

function* mesh(one: ConfigurationSpec): Iterable<Conflict> {
  if (one.nodeToNodeMeshEnabled !== false) return;
  for (const field of ["nodeMeshMaxRestartTime", "nodeMeshPassword"] as const)
    if (one[field] !== undefined)
      yield {
        path: [field],
        found: one[field],
        message: "allowed: nothing while nodeToNodeMeshEnabled is false",
      };
}

/** What holds for the whole cluster, so that no node's own configuration may say it. */
const clusterWide = [
  "asNumber",
  "nodeMeshMaxRestartTime",
  "nodeMeshPassword",
  "nodeToNodeMeshEnabled",
  "serviceClusterIPs",
  "serviceExternalIPs",
  "serviceLoadBalancerIPs",
] as const;

export const configuration = withRules(
  v3(
    "BGPConfiguration",
    withRules(configurationSpec, function* (one): Iterable<Conflict> {
      yield* communities(one);
      yield* mesh(one);
    }),
  ),
  function* ({ metadata, spec }) {
    if (metadata.name === "default") return;
    for (const field of clusterWide) {
      const found = spec[field];
      if (found === undefined || (Array.isArray(found) && found.length === 0)) continue;
      yield {
        path: ["spec", field],
        found,
        message: `allowed: only in the BGPConfiguration called default; this one is ${metadata.name}`,
      };
    }
  },
);
