import type { CoeKinds } from "../config/kind";
import { nodeNetworks, podRanges, type Ranges, supernets } from "../util/ranges";
import { table } from "../util/table";
import { describePolicy, policyNotes } from "./policy";
import { endsAt, isInternal } from "./sessions";

import type { AnnouncedRanges, CoePlan, NodePlan, Plan } from "./types";

/** The plan as `seamless plan --json` prints it: a public format, hence lists with names instead of keys. */
export function planDocument(plan: Plan) {
  return {
    schemaVersion: plan.schemaVersion,
    ...(plan.supernet === undefined ? {} : { supernet: plan.supernet }),
    nodeNetwork: plan.nodeNetwork,
    ...(plan.racks === undefined ? {} : { racks: Object.values(plan.racks) }),
    asn: plan.asn,
    coes: Object.values(plan.coes).map(({ nodes, ...coe }) => ({
      ...coe,
      nodes: Object.values(nodes).map(({ name, address, role, asn, speaker, rack }) => ({
        name,
        address,
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
      asn: reflector.asn,
      clusterId: reflector.clusterId,
      ...(reflector.port === undefined ? {} : { port: reflector.port }),
      ...(reflector.rack === undefined ? {} : { rack: reflector.rack }),
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
  readonly serviceCidr?: string;
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
      blocks: `${coe.blocks} x /${coe.blockSize}`,
      nodes: Object.fromEntries(Object.values(coe.nodes).map((node) => [node.name, node.address])),
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
      `AS ${plan.asn}`,
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
        `${coe.blocks} x /${coe.blockSize}`,
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
    ...table(
      [
        { title: "REFLECTOR" },
        { title: "ADDRESS" },
        { title: "AS", align: "right" },
        { title: "CLUSTER-ID" },
        { title: "SESSIONS" },
      ],
      Object.values(plan.reflectors).map((reflector) => [
        reflector.name,
        reflector.address,
        String(reflector.asn),
        reflector.clusterId,
        sessionCount(plan, reflector.name),
      ]),
    ),
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

function paragraph(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}

/** Ranges of services, announced ones first. */
function services({ serviceCidr, announced }: CoePlan): string {
  const ranges = Object.values(announced).map((range) => `${range} (announced)`);
  const silent = serviceCidr === undefined || announced.clusterIPs !== undefined;
  return [...ranges, ...(silent ? [] : [serviceCidr])].join(", ") || "-";
}

function nodeRow(plan: Plan, coe: CoePlan, node: NodePlan): string[] {
  const fence = plan.fences[node.id];
  const allowed = fence?.prefixes
    .map((prefix) => `${prefix.cidr} /${prefix.minLength} to /${prefix.maxLength}`)
    .join(", ");
  return [
    `${coe.name}/${node.name}`,
    node.address,
    node.role,
    String(node.asn),
    allowed ?? "nothing (no BGP speaker)",
  ];
}

function sessionCount(plan: Plan, reflector: string): string {
  const all = endsAt(plan.sessions, reflector).map(({ session }) => session);
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
