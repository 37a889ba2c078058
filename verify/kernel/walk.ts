import { overlap, type Prefix } from "../../util/net";
import { type FirewallPacket, type Matching, matching, rangeOf } from "./match";
import type { Chain, Firewall, FirewallRule, Hook, Station } from "./types";

/** Which rules of a firewall the network's own speaker has made: what they let through is judged elsewhere. */
export interface OwnRules {
  /** What the names of its chains begin with. */
  readonly chains: string;
  /** What the comments of its rules in other chains begin with. */
  readonly comments: string;
  /** Its tables of nftables, by name. Default: none. */
  readonly tables?: readonly string[];
}

/** What a rule does to a packet that should pass as it is. */
export interface Harm {
  readonly backend: string;
  /** Of ip6tables; absent for all else. */
  readonly family?: 6;
  readonly table: string;
  readonly chain: string;
  /** As iptables or nft writes it; `policy DROP` for a chain's own policy. */
  readonly rule: string;
  /** What nftables knows the rule by in its chain. */
  readonly handle?: number;
  readonly does: "drops" | "translates";
  /** It looks at chance or a rate, so that it meets some packets only. */
  readonly sometimes: boolean;
  /** Why it does, where the rule alone does not say. */
  readonly why?: string;
}

/** By what way a packet goes through the chains of the kernel's own. */
const courses = {
  forwarded: ["ingress", "prerouting", "forward", "postrouting", "egress"],
  /** One that a machine, or a container, receives itself. */
  received: ["ingress", "prerouting", "input"],
  sent: ["output", "postrouting", "egress"],
} as const satisfies Readonly<Record<string, readonly Hook[]>>;

const station = (hook: Hook, table: string, chain = hook.toUpperCase()): Station => ({
  ...{ table, chain, hook },
  ...(table === "nat" ? { nat: true as const } : {}),
});

/** Those of iptables(8) and tc that can change or end a packet. */
const usual: readonly Station[] = [
  station("ingress", "tc", "ingress"),
  ...["raw", "mangle", "nat"].map((table) => station("prerouting", table)),
  ...["mangle", "filter", "security"].map((table) => station("input", table)),
  ...["mangle", "filter", "security"].map((table) => station("forward", table)),
  ...["raw", "mangle", "nat", "filter", "security"].map((table) => station("output", table)),
  ...["mangle", "nat"].map((table) => station("postrouting", table)),
  station("egress", "tc", "egress"),
];

/** What comes of a packet. */
export interface Passage {
  readonly harm?: Harm;
  /** Its mark when the kernel looks for its route. */
  readonly mark: number;
  /** Ranges of rules that would do something to packets of other addresses. */
  readonly watched: readonly Watched[];
  /** Rules that would do something to the packet if what they look at, which nobody here knows, is so. */
  readonly suspects: readonly Harm[];
}

export interface Watched {
  readonly end: "from" | "to";
  readonly range: Prefix;
}

/** Follows a packet through the tables of one backend to the first rule that drops or translates it. */
export function passage(
  firewall: Firewall,
  own: OwnRules,
  packet: FirewallPacket,
  course: keyof typeof courses = "forwarded",
): Passage {
  const watched: Watched[] = [];
  const suspects: Harm[] = [];
  let mark = 0;
  let routed = 0;
  for (const { table, chain, hook, nat } of stationsOf(firewall, course)) {
    if (nat && packet.state !== "NEW") continue;
    const chains = firewall.tables[table];
    if (chains === undefined || isOwnTable(table, own)) continue;
    const walk = new Walk(chains, own, packet, mark, watched, firewall.served);
    const end = walk.builtin(hook, chain);
    mark = walk.mark;
    if (hook === "prerouting") routed = mark;
    const { backend, family } = firewall;
    const there = { backend, ...(family === undefined ? {} : { family }), table };
    suspects.push(...walk.suspects.map((one) => ({ ...there, ...one })));
    if (end !== undefined) return { harm: { ...there, ...end }, mark: routed, watched, suspects };
  }
  return { mark: routed, watched, suspects };
}

function stationsOf(
  { stations = usual }: Firewall,
  course: keyof typeof courses,
): readonly Station[] {
  const hooks: readonly Hook[] = courses[course];
  return stations.filter(({ hook }) => hooks.includes(hook));
}

/** Of nftables, whose tables are called by family and name. */
function isOwnTable(table: string, { tables = [] }: OwnRules): boolean {
  return tables.some((name) => table.endsWith(` ${name}`));
}

type End = Omit<Harm, "backend" | "family" | "table">;
/** What became of a packet in a chain. `open`: it may have been let through there, which cannot be known here. */
type Result = { readonly end: End } | "accepted" | "returned" | "open";

const drops = new Set(["DROP", "REJECT"]);
const translates = new Set(["MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP", "TPROXY"]);
const passes = new Set([
  ...["MARK", "CONNMARK", "LOG", "NFLOG", "ULOG", "TCPMSS", "CT", "NOTRACK", "TOS", "DSCP", "TTL"],
  "HL",
  ...["CLASSIFY", "CHECKSUM", "TRACE", "SET", "AUDIT", "SECMARK", "CONNSECMARK", "RATEEST", "LED"],
]);

/** Hooks whose chains are there to let packets through or not. */
const filtering = new Set<Hook>(["forward", "input", "output"]);

/** A packet with such a TTL, or hop limit, does not get past the next router; most systems begin with 64. */
function endsSoon({ target, options: [how, value] }: FirewallRule): boolean {
  const does = `${target} ${how}`;
  if (does === "TTL --ttl-dec" || does === "HL --hl-dec") return Number(value) >= 62;
  return (does === "TTL --ttl-set" || does === "HL --hl-set") && Number(value) <= 2;
}

/** What a rule that hands packets to a program is known by (NFQUEUE of iptables-extensions(8), `queue` of nft(8)). */
const queue = "NFQUEUE";
const unserved = "no program takes packets from its queue";

/** Whether what a rule hands over is dropped, for nobody takes it; undefined where that is not known. */
function isUnserved({ options }: FirewallRule, served?: ReadonlySet<number>): boolean | undefined {
  // Then packets go on where nobody takes them.
  if (options.includes("--queue-bypass")) return false;
  const at = options.findIndex((word) => word === "--queue-num" || word === "--queue-balance");
  const [low = 0, high = low] = at === -1 ? [0] : (options[at + 1] ?? "0").split(":").map(Number);
  if (served === undefined) return undefined;
  const numbers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  return numbers.some((number) => !served.has(number));
}

/** Of a rule behind which a program decides. */
const toProgram = { does: "drops", sometimes: true } as const;

class Walk {
  readonly suspects: End[] = [];

  constructor(
    private readonly chains: Readonly<Record<string, Chain>>,
    private readonly own: OwnRules,
    private readonly packet: FirewallPacket,
    public mark: number,
    private readonly watched: Watched[],
    private readonly served?: ReadonlySet<number>,
  ) {}

  /** What ends the packet in a chain of the kernel's own; undefined where it passes. */
  builtin(hook: Hook, name: string): End | undefined {
    const result = this.chain(hook, name, true, false, 0);
    if (typeof result === "object") return result.end;
    const policy = this.chains[name]?.policy;
    if (result !== "returned" || policy !== "DROP") return undefined;
    return { chain: name, rule: "policy DROP", does: "drops", sometimes: false };
  }

  private chain(
    hook: Hook,
    name: string,
    sure: boolean,
    sometimes: boolean,
    depth: number,
  ): Result {
    let certain = sure;
    for (const rule of this.chains[name]?.rules ?? []) {
      const { target } = rule;
      if (target === undefined || (passes.has(target) && !endsSoon(rule))) {
        if (target === "MARK" && this.met(rule) === "yes" && !this.isOwn(rule)) this.remark(rule);
        continue;
      }
      if (this.isOwn(rule)) {
        if (target !== "ACCEPT" || !filtering.has(hook)) continue;
        // The speaker lets the packet through, as the policy of the plan says: what comes after that does not see it.
        if (depth === 0) return "accepted";
        // In a chain for such rules, as DOCKER-USER is: it says for which packets.
        if (this.met(rule) === "yes") return certain ? "accepted" : "open";
        continue;
      }
      const met = this.met(rule);
      if (met === "no") continue;
      const chance = sometimes || met === "sometimes";
      const lost = target === queue ? isUnserved(rule, this.served) : false;
      if (drops.has(target) || translates.has(target) || endsSoon(rule) || lost) {
        const { text, handle } = rule;
        const end: End = {
          ...{ chain: name, rule: text, sometimes: chance },
          ...(handle === undefined ? {} : { handle }),
          does: translates.has(target) ? "translates" : "drops",
          ...(lost ? { why: unserved } : {}),
        };
        if (met !== "maybe" && certain) return { end };
        this.suspects.push(end);
        continue;
      }
      if (target === queue) this.suspects.push({ chain: name, rule: rule.text, ...toProgram });
      if (target === "RETURN") {
        if (met === "yes") return certain ? "returned" : "open";
        if (met === "maybe") certain = false;
      } else if (this.chains[target] !== undefined && depth < 64) {
        const inner = this.chain(hook, target, certain && met !== "maybe", chance, depth + 1);
        if (typeof inner === "object") return inner;
        if (inner === "accepted" && met === "yes") return certain ? "accepted" : "open";
        if (rule.goto && met === "yes") return inner;
        if (inner === "open" || (inner === "accepted" && met === "maybe")) certain = false;
      } else if (met === "yes") return target === "ACCEPT" && certain ? "accepted" : "open";
      else if (met === "maybe") certain = false;
    }
    return certain === sure ? "returned" : "open";
  }

  private isOwn(rule: FirewallRule): boolean {
    const { chains, comments } = this.own;
    return (
      rule.target?.startsWith(chains) === true ||
      rule.comments.some((comment) => comment.startsWith(comments))
    );
  }

  /** Whether the packet is what the whole rule asks for; ranges that alone are in the way are noted. */
  private met(rule: FirewallRule): Matching {
    let result: Matching = "yes";
    const elsewhere: Watched[] = [];
    for (const match of rule.matches) {
      const one = matching(match, this.packet, this.mark);
      const end = match.option === "-s" ? "from" : match.option === "-d" ? "to" : undefined;
      if (one === "no" && end !== undefined && !match.not) {
        const ranges = match.values.map(rangeOf).filter((range) => range !== undefined);
        for (const range of ranges) elsewhere.push({ end, range });
        result = "no";
      } else if (one === "no") return "no";
      else if (result !== "no" && (one === "maybe" || result === "yes")) result = one;
    }
    if (rule.target !== undefined && !passes.has(rule.target)) this.watched.push(...elsewhere);
    return result;
  }

  private remark({ options }: FirewallRule): void {
    const [how = "", text = ""] = options;
    const [value = 0, mask = 0xffffffff] = text.split("/").map(Number);
    if (how === "--set-xmark") this.mark = ((this.mark & ~mask) ^ value) >>> 0;
    else if (how === "--set-mark") this.mark = ((this.mark & ~mask) | value) >>> 0;
    else if (how === "--or-mark") this.mark = (this.mark | value) >>> 0;
    else if (how === "--and-mark") this.mark = (this.mark & value) >>> 0;
  }
}

/** The parts of some ranges that rules watch. */
export function touching(
  watched: readonly Watched[],
  end: Watched["end"],
  ranges: readonly Prefix[],
): Prefix[] {
  const found = new Map<string, Prefix>();
  for (const one of watched) {
    const inside = ranges.find((range) => overlap(range, one.range));
    if (one.end !== end || inside === undefined) continue;
    const narrow = one.range.length > inside.length ? one.range : inside;
    found.set(`${narrow.first}/${narrow.length}`, narrow);
  }
  return [...found.values()];
}
