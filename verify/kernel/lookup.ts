import { address, type Family, prefix, widthOf } from "../../util/net";
import { between } from "./match";
import type { NodeKernel, PolicyRule, TableRoute } from "./types";

/** A packet as the rules of a kernel see it when it comes in. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  /** The device by which it comes in; undefined where that is not known. */
  readonly iif?: string;
  /** What the firewall has marked it with by then; 0 where nobody did. */
  readonly mark: number;
  /** Undefined where it is not known, as are the ports. */
  readonly protocol?: string;
  readonly ports?: { readonly from: number; readonly to: number };
}

/** Where a kernel sends a packet, and the rule that chose the table. */
export interface Way {
  readonly rule?: PolicyRule;
  /** Absent where no table has a route. */
  readonly route?: TableRoute;
  /** What the rule does to the packet, where it needs no table. */
  readonly refused?: string;
}

/** Finds ways as a kernel does: rule by rule, the longest prefix of the table that a rule names, then the lowest metric. */
export interface Lookups {
  way(packet: Packet): Way;
}

export function lookupsOf({ routes, rules }: Pick<NodeKernel, "routes" | "rules">): Lookups {
  const tables = new Map<string, Table>();
  for (const route of routes) {
    const table = tables.get(route.table) ?? new Map();
    tables.set(route.table, table);
    add(table, route);
  }
  const asked = rules.length > 0 ? rules : standardRules;
  return {
    way(packet) {
      const [from, to] = [bitsOf(packet.from), bitsOf(packet.to)];
      let skipTo = 0;
      for (const rule of asked) {
        if (rule.priority < skipTo || !applies(rule, packet, from, to)) continue;
        const { action } = rule;
        if ("goto" in action) skipTo = action.goto;
        else if ("refuse" in action) return { rule, refused: action.refuse };
        else if ("lookup" in action) {
          const route = find(tables.get(action.lookup), to, action.suppress ?? -1);
          if (route !== undefined && route.type !== "throw") return { rule, route };
        }
      }
      return {};
    },
  };
}

/** By length, by the first bits: the routes of a prefix, of which the one with the lowest metric counts. */
type Table = Map<number, Map<Bits, TableRoute>>;

/** The first bits of an address; of IPv4 they fit in a number, which is quicker. */
type Bits = number | bigint;

/** What every kernel begins with (ip-rule(8)). */
const standardRules = ["local", "main", "default"].map(
  (table, priority): PolicyRule => ({
    ...{ priority, text: `from all lookup ${table}`, not: false, partial: false },
    action: { lookup: table },
  }),
);

function add(table: Table, route: TableRoute): void {
  const { length, first, family } = prefix(route.prefix);
  const bits = family === 4 ? Number(first) : first;
  const ofLength = table.get(length) ?? new Map<Bits, TableRoute>();
  table.set(length, ofLength);
  const there = ofLength.get(bits);
  const alive = route.hops.some(({ down }) => !down);
  if (alive && (there === undefined || route.metric < there.metric)) ofLength.set(bits, route);
}

function find(table: Table | undefined, to: Bits, suppressed: number): TableRoute | undefined {
  if (table === undefined) return undefined;
  for (let length = widthOf[familyOfBits(to)]; length >= 0; length--) {
    const found = table.get(length)?.get(maskedBy(to, length));
    if (found !== undefined) return length <= suppressed ? undefined : found;
  }
  return undefined;
}

/** A rule that looks at what is not known here is taken for one that does not apply. */
function applies(rule: PolicyRule, packet: Packet, from: Bits, to: Bits): boolean {
  const unknown =
    rule.partial ||
    (rule.iif !== undefined && packet.iif === undefined) ||
    ((rule.protocol ?? rule.ports) !== undefined && packet.protocol === undefined);
  if (unknown) return false;
  const { mark, protocol, ports = {} } = rule;
  const all =
    (rule.from === undefined || inside(rule.from, from)) &&
    (rule.to === undefined || inside(rule.to, to)) &&
    (rule.iif === undefined || rule.iif === packet.iif) &&
    (mark === undefined || (packet.mark & mark.mask) === (mark.value & mark.mask)) &&
    (protocol === undefined || protocol === packet.protocol) &&
    isPort(ports.from, packet.ports?.from) &&
    isPort(ports.to, packet.ports?.to);
  return all !== rule.not;
}

/** `80`, `1000-2000`. */
function isPort(range: string | undefined, port: number | undefined): boolean {
  return range === undefined || (port !== undefined && between(range.replace("-", ":"), port));
}

function inside(range: string, value: Bits): boolean {
  const { first, length, family } = prefix(range);
  if (family !== familyOfBits(value)) return false;
  return maskedBy(value, length) === (family === 4 ? Number(first) : first);
}

function maskedBy(value: Bits, length: number): Bits {
  if (typeof value === "bigint") {
    const rest = BigInt(widthOf[6] - length);
    return (value >> rest) << rest;
  }
  return length === 0 ? 0 : ((value >>> (32 - length)) << (32 - length)) >>> 0;
}

function familyOfBits(value: Bits): Family {
  return typeof value === "bigint" ? 6 : 4;
}

function bitsOf(text: string): Bits {
  const { family, value } = address(text);
  return family === 4 ? Number(value) : value;
}
