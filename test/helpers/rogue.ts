/*
 * What a node that has gone bad may try at a reflector, and what comes of it. Data: the test plays each row with real
 * daemons, and docs/security.md prints them.
 */

/** Where the nodes of the test are: the rogue is a planned node of `kubernetes` itself. */
export const places = {
  rr: "10.1.1.11",
  owner: "10.1.1.12",
  worker: "10.1.1.13",
  agent: "10.1.1.14",
  rogue: "10.1.1.15",
} as const;

export type Place = keyof typeof places;

export const ranges = {
  kubernetes: "192.168.0.0/17",
  dcos: "192.168.128.0/17",
  services: "10.96.0.0/16",
  nodes: "10.1.1.0/24",
} as const;

/** Who announces what when all is well. */
export const honest = [
  { router: "owner", prefix: "192.168.0.0/26" },
  { router: "worker", prefix: "192.168.0.64/26" },
  { router: "agent", prefix: "192.168.128.0/26" },
  { router: "owner", prefix: ranges.services },
] as const;

export interface Attack {
  /** What the rogue announces, in words. */
  readonly name: string;
  readonly prefix: string;
  /** What it says of it beside the prefix, as `gobgp global rib add` takes it. */
  readonly attributes: readonly string[];
  /** Its next hop. Default: the rogue itself. */
  readonly nextHop?: string;
  /** What an honest node has for the prefix: behind a reflector that accepts everything, and behind ours. */
  readonly open: Route;
  readonly fenced: Route;
  /** Behind ours where the plan says that nobody announces single addresses. Default: as behind ours. */
  readonly strict?: Route;
  /** Kinds of reflectors that it does not bend either without acceptance: there it ends as behind ours. */
  readonly harmless?: readonly string[];
  /** Who refuses it. */
  readonly refused: string;
  readonly left: string;
}

/** The best path: to whom it leads, and its LOCAL_PREF; or none. */
export type Route = `${Place} ${number}` | "none";

const most = 4_294_967_295;
const preferred = ["local-pref", String(most)];
const length = "reflector: no rule for this length";
const range = "reflector: no rule for this range";

export const attacks: readonly Attack[] = [
  {
    name: "a block of another COE",
    prefix: "192.168.128.64/26",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "none",
    refused: range,
    left: "nothing",
  },
  {
    name: "another node's block, with the highest LOCAL_PREF",
    prefix: "192.168.0.0/26",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "owner 100",
    refused: "reflector: LOCAL_PREF reset",
    left: "both paths are equal: nodes share traffic among equal paths, and the lower router id comes first; `verify` names both origins (`rib/<reflector>`)",
  },
  {
    name: "one container of another node",
    prefix: "192.168.0.5/32",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "rogue 100",
    strict: "none",
    refused:
      "reflector, with `strictAffinity: true`; else nobody: Calico announces a borrowed address like this",
    left: "nothing; without `strictAffinity` traffic to containers of its own COE; `verify` names it, for IPAM says another node",
  },
  {
    name: "half of another node's block",
    prefix: "192.168.0.0/27",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "none",
    refused: length,
    left: "nothing",
  },
  {
    name: "half of its COE's range of services",
    prefix: "10.96.0.0/17",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "none",
    refused: length,
    left: "nothing",
  },
  {
    name: "the whole range of services, with the highest LOCAL_PREF",
    prefix: ranges.services,
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "owner 100",
    refused: "reflector: LOCAL_PREF reset",
    left: "its share, as every node of its COE has: all announce the range",
  },
  {
    name: "cluster DNS",
    prefix: "10.96.0.10/32",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "rogue 100",
    strict: "none",
    refused:
      "reflector, with `localServices: false`; else nobody: a service with `externalTrafficPolicy: Local` is announced like this",
    left: "nothing; without that, questions of other COEs to the name servers of its own",
  },
  {
    name: "a default route",
    prefix: "0.0.0.0/0",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "none",
    refused: range,
    left: "nothing",
  },
  {
    name: "half of the nodes' network",
    prefix: "10.1.1.0/25",
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "none",
    refused: range,
    left: "nothing",
  },
  {
    name: "the reflector's address",
    prefix: `${places.rr}/32`,
    attributes: preferred,
    open: `rogue ${most}`,
    fenced: "none",
    refused: range,
    left: "nothing",
  },
  {
    name: "a block of its own, by somebody else's next hop",
    prefix: "192.168.0.128/26",
    attributes: [],
    nextHop: places.worker,
    open: "worker 100",
    fenced: "none",
    refused: "reflector: the next hop is not the neighbour",
    left: "nothing",
  },
  {
    name: "a block of its own that nobody is to pass on (NO_ADVERTISE), with a MED",
    prefix: "192.168.0.192/26",
    attributes: ["community", "65535:65282", "med", "7"],
    open: "none",
    fenced: "rogue 100",
    // GoBGP passes it on all the same.
    harmless: ["gobgp"],
    refused: "reflector: communities and MED removed",
    left: "nothing: the block is its own",
  },
];

/** The rows as a table in Markdown. */
export function attackTable(): string {
  const rows = attacks.map(
    ({ name, prefix, refused, left }) => `| ${name}: \`${prefix}\` | ${refused} | ${left} |`,
  );
  return ["| a rogue node announces | refused by | left |", "|---|---|---|", ...rows].join("\n");
}
