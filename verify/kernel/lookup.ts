import { address, prefix } from "../../util/net";
import type { NodeKernel, PolicyRule, TableRoute } from "./types";

/** A packet of IPv4 as the rules of a kernel see it when it comes in. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  /** The device by which it comes in; undefined where that is not known. */
  readonly iif?: string;
  /** What the firewall has marked it with by then; 0 where nobody did. */
  readonly mark: number;
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
      const [from, to] = [numberOf(packet.from), numberOf(packet.to)];
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
type Table = Map<number, Map<number, TableRoute>>;

/** What every kernel begins with (ip-rule(8)). */
const standardRules = ["local", "main", "default"].map(
  (table, priority): PolicyRule => ({
    ...{ priority, text: `from all lookup ${table}`, not: false, partial: false },
    action: { lookup: table },
  }),
);

function add(table: Table, route: TableRoute): void {
  const { length, first } = prefix(route.prefix);
  const ofLength = table.get(length) ?? new Map<number, TableRoute>();
  table.set(length, ofLength);
  const there = ofLength.get(Number(first));
  const alive = route.hops.some(({ down }) => !down);
  if (alive && (there === undefined || route.metric < there.metric))
    ofLength.set(Number(first), route);
}

function find(table: Table | undefined, to: number, suppressed: number): TableRoute | undefined {
  if (table === undefined) return undefined;
  for (let length = 32; length >= 0; length--) {
    const found = table.get(length)?.get(maskedBy(to, length));
    if (found !== undefined) return length <= suppressed ? undefined : found;
  }
  return undefined;
}

/** A rule that looks at what is not known here is taken for one that does not apply. */
function applies(rule: PolicyRule, packet: Packet, from: number, to: number): boolean {
  if (rule.partial || (rule.iif !== undefined && packet.iif === undefined)) return false;
  const { mark } = rule;
  const all =
    (rule.from === undefined || inside(rule.from, from)) &&
    (rule.to === undefined || inside(rule.to, to)) &&
    (rule.iif === undefined || rule.iif === packet.iif) &&
    (mark === undefined || (packet.mark & mark.mask) === (mark.value & mark.mask));
  return all !== rule.not;
}

function inside(range: string, value: number): boolean {
  const { first, length } = prefix(range);
  return maskedBy(value, length) === Number(first);
}

function maskedBy(value: number, length: number): number {
  return length === 0 ? 0 : ((value >>> (32 - length)) << (32 - length)) >>> 0;
}

function numberOf(text: string): number {
  return Number(address(text).value);
}
