import type { CoeKinds } from "../config/kind";
import { prefix } from "../util/net";
import {
  blockSizeIn,
  inFamily,
  listOf,
  nodeNetworks,
  podRanges,
  type Ranges,
  supernets,
} from "../util/ranges";
import { table } from "../util/table";
import { hasOwnRanges } from "./blocks";
import { addressesOf, announceable } from "./families";
import { describePolicy, policyNotes } from "./policy";
import { grouped } from "./propagation/dead-ends";
import { announcedPrefixes } from "./services";
import { endsAt, isInternal } from "./sessions";
import { spansText } from "./spans";

import type { AnnouncedRanges, CoePlan, NodePlan, Plan, SessionPlan } from "./types";

/** The plan as `seamless plan --json` prints it: a public format, hence lists with names instead of keys. */
export function planDocument(plan: Plan) {
  return {
    schemaVersion: plan.schemaVersion,
    ...(plan.supernet === undefined ? {} : { supernet: plan.supernet }),
    nodeNetwork: plan.nodeNetwork,
    ...(plan.racks === undefined ? {} : { racks: Object.values(plan.racks) }),
    asn: plan.asn,
    ...(plan.topology === undefined ? {} : { topology: plan.topology }),
    ...(plan.asns === undefined ? {} : { asns: plan.asns }),
    coes: Object.values(plan.coes).map(({ nodes, ...coe }) => ({
      ...coe,
      nodes: Object.values(nodes).map(({ name, address, address6, role, asn, speaker, rack }) => ({
        name,
        address,
        ...(address6 === undefined ? {} : { address6 }),
        role,
        asn,
        speaker,
        ...(rack === undefined ? {} : { rack }),
      })),
    })),
    reflectors: Object.values(plan.reflectors).map((reflector) => ({
      name: reflector.name,
      kind: reflector.kind,
      address: reflector.address,
      ...(reflector.address6 === undefined ? {} : { address6: reflector.address6 }),
      asn: reflector.asn,
      ...(reflector.routerId === undefined ? {} : { routerId: reflector.routerId }),
      clusterId: reflector.clusterId,
      ...(reflector.port === undefined ? {} : { port: reflector.port }),
      ...(reflector.rack === undefined ? {} : { rack: reflector.rack }),
      ...(reflector.passive === undefined ? {} : { passive: reflector.passive }),
    })),
    sessions: Object.values(plan.sessions),
    fences: Object.values(plan.fences),
  };
}

/** One line of the subnet table, a stack output: short enough to read in a diff. */
export interface Subnets {
  readonly podCidr: Ranges;
  /** Those of podCidr that give no new addresses. */
  readonly retiring?: readonly string[];
  readonly serviceCidr?: Ranges;
  /** What is announced beside podCidr. */
  readonly announced?: AnnouncedRanges;
  readonly blocks: string;
  /** Address of each node. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** The subnets by COE, for a stack output that shows a change as one line of a diff. */
export function subnetTable(plan: Plan): Record<string, Subnets> {
  const rows = Object.values(plan.coes).map((coe): [string, Subnets] => [
    coe.name,
    {
      podCidr: coe.podCidr,
      ...(coe.retiring === undefined ? {} : { retiring: coe.retiring }),
      ...(coe.serviceCidr === undefined ? {} : { serviceCidr: coe.serviceCidr }),
      ...(Object.keys(coe.announced).length === 0 ? {} : { announced: coe.announced }),
      blocks: blocksText(coe),
      nodes: Object.fromEntries(
        Object.values(coe.nodes).map((node) => [node.name, addressesOf(node).join(", ")]),
      ),
    },
  ]);
  return Object.fromEntries(rows);
}

/** The plan for people. */
export function renderPlan(plan: Plan, kinds: CoeKinds): string[] {
  const coes = Object.values(plan.coes);
  return [
    [
      ...(plan.supernet === undefined ? [] : [named("container range", supernets(plan))]),
      named("node network", nodeNetworks(plan)),
      plan.topology === "mesh" ? "mesh of all nodes" : `AS ${plan.asn}`,
      ...(plan.asns === undefined ? [] : [schemes[plan.asns]]),
    ].join(", "),
    "",
    ...table(
      [
        { title: "COE" },
        { title: "KIND" },
        { title: "CONTAINERS" },
        { title: "SERVICES" },
        { title: "BLOCKS", align: "right" },
        { title: "NODES", align: "right" },
        { title: "LETS IN" },
      ],
      coes.map((coe) => [
        coe.name,
        coe.deployed ? coe.kind : `${coe.kind} (not deployed)`,
        containers(coe),
        services(coe),
        blocksText(coe),
        String(Object.keys(coe.nodes).length),
        describePolicy(coe),
      ]),
    ),
    "",
    ...paragraph(coes.flatMap((coe) => policyNotes(coe, kinds))),
    ...table(
      [
        { title: "NODE" },
        { title: "ADDRESS" },
        { title: "ROLE" },
        { title: "AS", align: "right" },
        { title: "MAY ANNOUNCE" },
      ],
      coes.flatMap((coe) => Object.values(coe.nodes).map((node) => nodeRow(plan, coe, node))),
    ),
    "",
    ...rackTable(plan),
    ...(plan.topology === "mesh" ? meshLines(plan) : reflectorLines(plan)),
    ...paragraphBefore(crossings(plan)),
  ];
}

const schemes = { perCoe: "an AS per COE", perRack: "an AS per rack", perServer: "an AS per node" };

function reflectorLines(plan: Plan): string[] {
  return table(
    [
      { title: "REFLECTOR" },
      { title: "ADDRESS" },
      { title: "AS", align: "right" },
      { title: "CLUSTER-ID" },
      { title: "SESSIONS" },
    ],
    Object.values(plan.reflectors).map((reflector) => [
      reflector.name,
      addressesOf(reflector).join(", "),
      String(reflector.asn),
      reflector.clusterId,
      sessionCount(plan, reflector.name),
    ]),
  );
}

/** How many sessions there are between COEs, and inside each. */
function meshLines(plan: Plan): string[] {
  const all = grouped(Object.values(plan.sessions), ({ a, b }) =>
    JSON.stringify([a, b].map(({ id }) => coeOf(id)).sort()),
  );
  return table(
    [{ title: "COE" }, { title: "COE" }, { title: "SESSIONS" }, { title: "MADE BY" }],
    [...all].sort(byKey).map(([, sessions]) => {
      const [first] = sessions;
      return [
        coeOf(first?.a.id ?? ""),
        coeOf(first?.b.id ?? ""),
        counts(sessions),
        first?.ownMesh === true ? "the speakers' own mesh" : "a peer for each node",
      ];
    }),
  );
}

/** What the plan has chosen for routes to cross from one AS into another. */
function crossings(plan: Plan): string[] {
  const external = Object.values(plan.sessions).filter((one) => !isInternal(one));
  const ends = external.flatMap(({ a, b }) => [a, b]);
  return [
    ...(ends.some(({ replacePeerAs }) => replacePeerAs === true)
      ? [
          "eBGP: reflectors keep the next hop, and replace the receiver's AS in the path by their own.",
        ]
      : []),
    ...(ends.some(({ ownRoutesOnly }) => ownRoutesOnly === true)
      ? ["eBGP: nodes write themselves as next hop, and pass on nothing that they have learned."]
      : []),
  ];
}

/** Racks, where networks of nodes have names. */
function rackTable({ racks, reflectors, coes }: Plan): string[] {
  if (racks === undefined) return [];
  const nodes = Object.values(coes).flatMap((coe) => Object.values(coe.nodes));
  return [
    ...table(
      [
        { title: "RACK" },
        { title: "ADDRESSES" },
        { title: "GATEWAY" },
        { title: "NODES", align: "right" },
        { title: "ROUTERS" },
      ],
      Object.values(racks).map(({ name, cidr, gateway, gateway6 }) => [
        name,
        listOf(cidr).join(", "),
        [gateway, gateway6].filter((one) => one !== undefined).join(", ") || "-",
        String(nodes.filter(({ rack }) => rack === name).length),
        Object.values(reflectors)
          .filter(({ rack }) => rack === name)
          .map((router) => router.name)
          .join(", ") || "none",
      ]),
    ),
    "",
  ];
}

/** `node network 10.1.0.0/24`, `node networks 10.1.0.0/24 and 10.2.0.0/24`. */
function named(what: string, ranges: readonly string[]): string {
  return `${what}${ranges.length === 1 ? "" : "s"} ${ranges.join(" and ")}`;
}

/** Ranges of containers, with what retires. */
function containers(coe: CoePlan): string {
  const { retiring = [] } = coe;
  return podRanges(coe)
    .map((range) => (retiring.includes(range) ? `${range} (retiring)` : range))
    .join(", ");
}

function paragraphBefore(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

function coeOf(node: string): string {
  return node.slice(0, node.indexOf("/"));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function paragraph(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}

/** Ranges of services, announced ones first. */
function services({ serviceCidr, announced }: CoePlan): string {
  const ranges = announcedPrefixes({ announced }).map((range) => `${range} (announced)`);
  const silent = announced.clusterIPs === undefined ? listOf(serviceCidr) : [];
  return [...ranges, ...silent].join(", ") || "-";
}

function nodeRow(plan: Plan, coe: CoePlan, node: NodePlan): string[] {
  const allowed = spansText(announceable(plan, node));
  return [
    `${coe.name}/${node.name}`,
    addressesOf(node).join(", "),
    node.role,
    String(node.asn),
    allowed || "nothing (no BGP speaker)",
  ];
}

/** How many blocks there are of each size; of IPv6 as a power of two, for they are more than anybody counts. */
export function blocksText(coe: CoePlan): string {
  if (hasOwnRanges(coe)) return coe.blocks === 1 ? "1 node's range" : `${coe.blocks} nodes' ranges`;
  const sizes = inFamily(podRanges(coe), 6).map((range) => {
    const length = blockSizeIn(coe, range);
    return `2^${length - prefix(range).length} x /${length}`;
  });
  const four = inFamily(podRanges(coe), 4).length > 0 || sizes.length === 0;
  return [...(four ? [`${coe.blocks} x /${coe.blockSize}`] : []), ...sizes].join(", ");
}

function sessionCount(plan: Plan, reflector: string): string {
  return counts(endsAt(plan.sessions, reflector).map(({ session }) => session));
}

function counts(all: readonly SessionPlan[]): string {
  const kinds = (["ibgp", "ebgp"] as const).flatMap((kind) => {
    const count = all.filter((one) => isInternal(one) === (kind === "ibgp")).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const guarded = all.filter(({ password }) => password !== undefined).length;
  const note = guarded === 0 ? "" : ` (${guarded} with a password)`;
  return kinds.length === 0 ? "none" : `${kinds.join(", ")}${note}`;
}

/** What to do after an update. */
export function nextStep(stack: string, plan: Plan): string {
  const waiting = Object.values(plan.coes).filter((coe) => !coe.deployed);
  return waiting.length === 0
    ? `bin/seamless verify --stack ${stack}`
    : `set deploy: true for ${waiting.map((coe) => coe.name).join(", ")} and run pulumi up --stack ${stack}`;
}
