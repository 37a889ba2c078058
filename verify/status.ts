import { isBlock } from "../plan/blocks";
import { type Addressed, addressesOf } from "../plan/families";
import { familiesOfCoe } from "../plan/one-family";
import type { CoePlan, Plan } from "../plan/types";
import { familyOf } from "../util/net";
import { containedIn, podRanges } from "../util/ranges";
import { checksOf } from "./checks";
import { isUp } from "./ends";
import type { LastResults } from "./last";
import type { CheckGroup, CheckStatus, Observation } from "./types";

/** How many of the planned sessions are Established; undefined where no reflector of them could be asked. */
export interface Sessions {
  readonly up?: number;
  readonly planned: number;
}

/** A stack at a glance, as plain data. */
export interface Status {
  readonly reflectors: readonly ReflectorStatus[];
  readonly coes: readonly CoeStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly layers: readonly LayerStatus[];
}

export interface ReflectorStatus {
  readonly name: string;
  readonly kind: string;
  readonly address: string;
  /** Its IPv6 address beside an IPv4 one; absent where it has none. */
  readonly address6?: string;
  readonly sessions: Sessions;
  /** Prefixes in its RIB; absent where it could not be asked. */
  readonly prefixes?: number;
}

export interface CoeStatus {
  readonly name: string;
  readonly kind: string;
  readonly deployed: boolean;
  readonly nodes: number;
  readonly sessions: Sessions;
  /** Of IPv4. */
  readonly blocks: number;
  /** How many its IPv4 ranges hold. */
  readonly allBlocks: number;
  /** Blocks of IPv6; absent where it has no range of it. */
  readonly blocks6?: number;
}

export interface NodeStatus {
  readonly id: string;
  readonly address: string;
  /** Its IPv6 address beside an IPv4 one; absent where it has none. */
  readonly address6?: string;
  readonly sessions: Sessions;
  /** Blocks that the reflectors have from it. */
  readonly blocks: readonly string[];
}

/** The last results of one group of checks. */
export interface LayerStatus {
  readonly group: CheckGroup;
  readonly checks: number;
  readonly results: Readonly<Record<CheckStatus | "never", number>>;
  /** When the oldest of them was found, in milliseconds since the epoch; absent where none was. */
  readonly time?: number;
  /** The first that does not pass. */
  readonly first?: { readonly id: string; readonly status: CheckStatus; readonly found: string };
}

/** @param last results of all checks that were ever asked, those of this observation among them */
export function statusOf(plan: Plan, seen: Observation, last: LastResults): Status {
  const speakers = Object.values(plan.coes).flatMap((coe) =>
    Object.values(coe.nodes).flatMap((node) => (node.speaker ? [{ coe, node }] : [])),
  );
  return {
    reflectors: Object.values(plan.reflectors).map((reflector): ReflectorStatus => {
      const rib = seen.rib[reflector.name];
      const { name, kind } = reflector;
      const prefixes = rib?.ok ? new Set(rib.value.map(({ prefix }) => prefix)).size : undefined;
      return {
        ...{ name, kind, ...bothOf(reflector) },
        sessions: sessionsOf(plan, seen, ({ a, b }) => a.id === name || b.id === name),
        ...(prefixes === undefined ? {} : { prefixes }),
      };
    }),
    coes: Object.values(plan.coes).map(
      (coe): CoeStatus => ({
        ...{ name: coe.name, kind: coe.kind, deployed: coe.deployed },
        nodes: Object.keys(coe.nodes).length,
        sessions: sessionsOf(plan, seen, ({ a, b }) =>
          [a, b].some(({ id }) => id.startsWith(`${coe.name}/`)),
        ),
        blocks: blocksOf(plan, coe, seen).filter((one) => familyOf(one) === 4).length,
        allBlocks: coe.blocks,
        ...(familiesOfCoe(coe).includes(6)
          ? { blocks6: blocksOf(plan, coe, seen).filter((one) => familyOf(one) === 6).length }
          : {}),
      }),
    ),
    nodes: speakers.map(
      ({ coe, node }): NodeStatus => ({
        ...{ id: node.id, ...bothOf(node) },
        sessions: sessionsOf(plan, seen, ({ a, b }) => a.id === node.id || b.id === node.id),
        blocks: blocksOf(plan, coe, seen, node),
      }),
    ),
    layers: layersOf(plan, last),
  };
}

function bothOf({ address, address6 }: Addressed): Addressed {
  return { address, ...(address6 === undefined ? {} : { address6 }) };
}

function sessionsOf(
  plan: Plan,
  seen: Observation,
  of: (session: Plan["sessions"][string]) => boolean,
): Sessions {
  const planned = Object.values(plan.sessions).filter(of);
  const states = planned.map((session) => isUp(plan, session, seen));
  if (states.length > 0 && states.every((state) => state === undefined))
    return { planned: planned.length };
  return { up: states.filter((state) => state === true).length, planned: planned.length };
}

/**
 * Prefixes in a COE's ranges that are blocks as opposed to borrowed addresses, of one node or of all: what the reflectors
 * hold, or, without reflectors, what the COE's IPAM says.
 */
function blocksOf(
  plan: Plan,
  coe: CoePlan,
  seen: Observation,
  of?: Addressed & { readonly id: string },
): string[] {
  const ranges = podRanges(coe);
  const from = (nextHop: string) => of === undefined || addressesOf(of).includes(nextHop);
  if (plan.topology === "mesh") {
    const answer = seen.blocks[coe.name];
    const blocks = answer?.ok ? answer.value : [];
    return blocks
      .filter(({ owners }) => (of === undefined ? owners.length > 0 : owners.includes(of.id)))
      .map(({ cidr }) => cidr)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  }
  const own = Object.values(seen.rib).flatMap((answer) =>
    answer.ok
      ? answer.value.filter(
          ({ prefix, nextHop }) =>
            isBlock(coe, prefix) && from(nextHop) && containedIn(ranges, prefix),
        )
      : [],
  );
  return [...new Set(own.map(({ prefix }) => prefix))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
}

function layersOf(plan: Plan, last: LastResults): LayerStatus[] {
  const checks = checksOf(plan);
  return [...new Set(checks.map(({ group }) => group))].map((group): LayerStatus => {
    const own = checks.filter((check) => check.group === group);
    const found = own.flatMap(({ id }) => {
      const result = last[id];
      return result === undefined ? [] : [{ id, ...result }];
    });
    const count = (status: CheckStatus) => found.filter((one) => one.status === status).length;
    const bad = ["fail", "unknown"] as const;
    const [first] = bad.flatMap((status) => found.filter((one) => one.status === status));
    return {
      ...{ group, checks: own.length },
      results: {
        ...{ pass: count("pass"), fail: count("fail"), skip: count("skip") },
        ...{ unknown: count("unknown"), never: own.length - found.length },
      },
      ...(found.length === 0 ? {} : { time: Math.min(...found.map(({ time }) => time)) }),
      ...(first === undefined
        ? {}
        : { first: { id: first.id, status: first.status, found: first.found } }),
    };
  });
}
