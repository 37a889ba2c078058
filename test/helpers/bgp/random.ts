import type {
  Acceptance,
  Network,
  Origination,
  Router,
  Session,
  SessionSide,
} from "../../../plan/propagation/network";
import { gatewayOf, laneSegments, laneSlots, slotAddress } from "./lane";

/** Numbers that follow from a seed (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 to below the number. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(likely: number): boolean {
    return this.next() < likely;
  }

  pick<T>(...from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }

  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((value) => ({ value, key: this.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ value }) => value);
  }
}

export const kinds = ["gobgp", "bird", "calico", "frr"] as const;
type Shape = "reflectors" | "mesh" | "external" | "mixed";

/** A network of 2 to 12 routers that follows from its seed. */
export function randomNetwork(seed: number): Network {
  const dice = new Dice(seed);
  const shape = dice.pick<Shape>("reflectors", "reflectors", "mesh", "external", "mixed");
  const count = 2 + dice.below(dice.chance(0.3) ? laneSlots - 1 : 6);
  const routers = Object.fromEntries(routersOf(dice, shape, count));
  const prefixes = prefixesOf(dice, Object.keys(routers));
  const sessions = Object.fromEntries(
    pairs(dice, shape, routers).map(([a, b, roleA, roleB]) => [
      `${a}-${b}`,
      session(dice, routers, prefixes, [a, b], [roleA, roleB]),
    ]),
  );
  return { segments: laneSegments, routers, sessions, originations: prefixes };
}

function routersOf(dice: Dice, shape: Shape, count: number): [string, Router][] {
  const slots = dice.shuffled(Array.from({ length: laneSlots }, (_, slot) => slot));
  const racks = dice.chance(0.3);
  const asns = shape === "external" ? 1 + dice.below(count) : 1 + dice.below(3);
  const one = dice.chance(0.4);
  return slots.slice(0, count).map((slot, index) => {
    const segments = racks
      ? dice.pick<readonly string[]>(["east"], ["west"], ["east", "west"])
      : ["east"];
    const asn =
      shape === "mesh" && one
        ? 65001
        : shape === "reflectors" && dice.chance(0.7)
          ? 65001
          : 65001 + dice.below(asns);
    return [
      `r${index}`,
      {
        asn,
        routerId: `9.9.${dice.below(4)}.${slot + 1}`,
        ...(dice.chance(0.15) ? { clusterId: dice.pick("7.7.7.7", "7.7.7.8") } : {}),
        kind: dice.pick(...kinds),
        links: segments.map((segment) => ({ segment, address: slotAddress(slot, segment) })),
        ...(racks && dice.chance(0.8) ? { gateway: gatewayOf(segments[0] ?? "") } : {}),
      },
    ];
  });
}

type Role = SessionSide["role"];
type Pair = readonly [string, string, Role, Role];

/** Who has a session with whom, and as what. */
function pairs(dice: Dice, shape: Shape, routers: Readonly<Record<string, Router>>): Pair[] {
  const ids = Object.keys(routers);
  const internal = (a: string, b: string) => routers[a]?.asn === routers[b]?.asn;
  const all = ids.flatMap((a, index) => ids.slice(index + 1).map((b) => [a, b] as const));
  const as = (a: string, b: string, role: "reflector" | "client" | "peer"): Pair => {
    if (!internal(a, b) || role === "peer") return [a, b, "peer", "peer"];
    return role === "reflector" ? [a, b, "reflector", "client"] : [a, b, "client", "reflector"];
  };
  switch (shape) {
    case "reflectors": {
      const reflectors = ids.slice(0, ids.length > 3 ? 1 + dice.below(2) : 1);
      const between = dice.pick<Role>("peer", "peer", "reflector");
      return all.flatMap(([a, b]) => {
        const [first, second] = [reflectors.includes(a), reflectors.includes(b)];
        if (first && second) return dice.chance(0.7) ? [as(a, b, between)] : [];
        if (first)
          return dice.chance(0.9) ? [as(a, b, dice.chance(0.85) ? "reflector" : "peer")] : [];
        return dice.chance(0.05) ? [as(a, b, "peer")] : [];
      });
    }
    case "mesh":
      return all.map(([a, b]) => as(a, b, "peer"));
    default: {
      const dense = shape === "external" ? 0.5 : 0.6;
      return all
        .filter(([a, b], index) => index === 0 || internal(a, b) || dice.chance(dense))
        .filter(() => dice.chance(0.85))
        .map(([a, b]) => as(a, b, dice.pick<Role>("peer", "reflector", "client")));
    }
  }
}

/** Each router has blocks of its own; sometimes two have the same. */
function prefixesOf(dice: Dice, ids: readonly string[]): Origination[] {
  const own = ids.flatMap((router, index) =>
    Array.from({ length: dice.below(3) }, (_, block) => ({
      router,
      prefix: dice.chance(0.2)
        ? `192.168.${index}.${block + 1}/32`
        : `192.168.${index}.${block * 64}/26`,
    })),
  );
  const shared = ids
    .filter(() => dice.chance(0.15))
    .map((router) => ({ router, prefix: "192.168.200.0/24" }));
  const first = { router: ids[0] ?? "", prefix: "192.168.100.0/26" };
  return [first, ...own, ...shared];
}

function session(
  dice: Dice,
  routers: Readonly<Record<string, Router>>,
  prefixes: readonly Origination[],
  [a, b]: readonly [string, string],
  [roleA, roleB]: readonly [Role, Role],
): Session {
  const [routerA, routerB] = [routers[a], routers[b]];
  if (routerA === undefined || routerB === undefined) throw new Error(`no ${a} or ${b}`);
  const common = routerA.links.find(({ segment }) =>
    routerB.links.some((link) => link.segment === segment),
  )?.segment;
  const external = routerA.asn !== routerB.asn;
  const multihop = external && (common === undefined || dice.chance(0.2));
  const side = (id: string, router: Router, role: Role, other: Router): SessionSide => {
    const replaces = router.kind === "gobgp" || router.kind === "frr";
    const serves = router.kind === "bird" || router.kind === "frr";
    const accepts = acceptance(dice, other, prefixes);
    return {
      router: id,
      address: addressOn(router, common),
      role,
      ...(multihop ? { multihop: true as const } : {}),
      ...(accepts === undefined ? {} : { accepts }),
      ...(dice.chance(0.15) ? { nextHop: dice.pick("self" as const, "keep" as const) } : {}),
      ...(external && replaces && dice.chance(0.25) ? { replacePeerAs: true as const } : {}),
      ...(external && serves && dice.chance(0.1) ? { routeServer: true as const } : {}),
      ...(dice.chance(0.1) ? { allowOwnAs: 1 + dice.below(2) } : {}),
      ...(dice.chance(0.06) ? { noAdvertise: true as const } : {}),
    };
  };
  return { a: side(a, routerA, roleA, routerB), b: side(b, routerB, roleB, routerA) };
}

function addressOn(router: Router, segment: string | undefined): string {
  const link = router.links.find((one) => one.segment === segment) ?? router.links[0];
  return link?.address ?? "";
}

function acceptance(
  dice: Dice,
  other: Router,
  prefixes: readonly Origination[],
): Acceptance | undefined {
  if (!dice.chance(0.3)) return undefined;
  const some = dice.shuffled(prefixes).slice(0, 1 + dice.below(3));
  return {
    ...(dice.chance(0.5)
      ? {
          prefixes: [
            ...(dice.chance(0.7)
              ? [{ cidr: "192.168.0.0/17", minLength: 26, maxLength: dice.pick(26, 32) }]
              : []),
            ...[...new Set(some.map(({ prefix }) => prefix))].map((cidr) => ({
              cidr,
              minLength: Number(cidr.split("/")[1]),
              maxLength: 32,
            })),
          ],
        }
      : {}),
    ...(dice.chance(0.3) ? { nextHops: other.links.map(({ address }) => address) } : {}),
    ...(dice.chance(0.2) ? { longestPath: 1 + dice.below(3) } : {}),
    ...(dice.chance(0.3) ? { localPref: dice.pick(50, 100, 150, 200) } : {}),
  };
}
