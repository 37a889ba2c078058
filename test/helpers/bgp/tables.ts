import { z } from "zod";
import type { Outcome } from "../../../plan/propagation/settle";

/** The best path of each prefix in a router's table, as a line that can be compared. */
export type Table = Readonly<Record<string, string>>;

const line = (
  nextHop: string | undefined,
  asPath: string,
  localPref: number,
  lost: boolean,
): string =>
  nextHop === undefined
    ? "own"
    : `via ${nextHop}${lost ? " unreachable" : ""} path [${asPath}] pref ${localPref}`;

/** What the model says of one router. */
export function modelTable(outcomes: readonly Outcome[], id: string): Table {
  return Object.fromEntries(
    outcomes.flatMap(({ prefix, paths }) => {
      const [best] = paths.get(id) ?? [];
      if (best === undefined) return [];
      const { nextHop, asPath, localPref, learned } = best;
      const lost = learned !== undefined && learned.reach === undefined;
      return [[prefix, line(nextHop, asPath.join(" "), localPref, lost)] as const];
    }),
  );
}

/** GoBGP knows of no routes, so that it does not say either whether a next hop is reachable. */
export const withoutReach = (table: Table): Table =>
  Object.fromEntries(
    Object.entries(table).map(([prefix, text]) => [prefix, text.replace(" unreachable", "")]),
  );

/** BIRD: `show route primary all`. */
export function birdTable(text: string): Table {
  const found: [string, string][] = [];
  for (const part of text.split(/\n(?=[\da-f.:]+\/\d+ )/)) {
    const head = /^(?:Table master[46]:\n)?([\da-f.:]+\/\d+)\s+(.*)/.exec(part.trim());
    if (head === null) continue;
    const [, prefix = "", rest = ""] = head;
    if (rest.includes("[direct1") || rest.includes("[others")) continue;
    const field = (name: string) => new RegExp(`BGP\\.${name}: ?(.*)`).exec(part)?.[1]?.trim();
    found.push([
      prefix,
      line(
        // Behind a global address of IPv6 there may be one of the link.
        rest.includes("[own") ? undefined : (field("next_hop")?.split(" ")[0] ?? ""),
        field("as_path") ?? "",
        Number(field("local_pref") ?? 100),
        rest.startsWith("unreachable"),
      ),
    ]);
  }
  return Object.fromEntries(found);
}

const frrRoutes = z.object({
  routes: z.record(
    z.string(),
    z.array(
      z.object({
        bestpath: z.boolean().default(false),
        locPrf: z.number().default(100),
        path: z.string(),
        nexthops: z.array(z.object({ ip: z.string() })),
      }),
    ),
  ),
});

/** Next hops of routes that a router has itself. */
const itself = new Set(["0.0.0.0", "::"]);

/** FRR: `show bgp ipv4 unicast json`, or the same of IPv6. */
export function frrTable(text: string): Table {
  const { routes } = frrRoutes.parse(JSON.parse(text.trim() === "" ? '{"routes":{}}' : text));
  return Object.fromEntries(
    Object.entries(routes).flatMap(([prefix, paths]) =>
      paths
        .filter(({ bestpath }) => bestpath)
        .map(({ locPrf, path, nexthops: [{ ip } = { ip: "" }] }) => [
          prefix,
          line(itself.has(ip) ? undefined : ip, path, locPrf, false),
        ]),
    ),
  );
}

const gobgpRib = z.record(
  z.string(),
  z.array(
    z.object({
      attrs: z.array(
        z.looseObject({
          type: z.number(),
          value: z.unknown().optional(),
          nexthop: z.string().optional(),
          as_paths: z.array(z.object({ asns: z.array(z.number()).default([]) })).optional(),
        }),
      ),
    }),
  ),
);

/** GoBGP: `gobgp -j global rib`, the best path first. */
export function gobgpTable(text: string): Table {
  return Object.fromEntries(
    Object.entries(gobgpRib.parse(JSON.parse(text.trim() === "" ? "{}" : text))).flatMap(
      ([prefix, [best]]) => {
        if (best === undefined) return [];
        const of = (type: number) => best.attrs.find((one) => one.type === type);
        // That of IPv6 is in MP_REACH_NLRI (RFC 4760).
        const nextHop = (of(3) ?? of(14))?.nexthop ?? "";
        const path = of(2)?.as_paths?.flatMap(({ asns }) => asns) ?? [];
        const pref = z.number().default(100).parse(of(5)?.value);
        const own = itself.has(nextHop) ? undefined : nextHop;
        return [[prefix, line(own, path.join(" "), pref, false)] as const];
      },
    ),
  );
}
