import { z } from "zod";
import {
  type RouterNeighbour,
  type RouterPath,
  type RouterTable,
  type SessionState,
  sessionStates,
} from "../../ask/router";

/** Session states by the number in GoBGP's API (api/gobgp.proto, PeerState.SessionState). */
const statesByNumber: readonly SessionState[] = ["Unknown", ...sessionStates];

const count = z.number().default(0);

const neighbourList = z.array(
  z.object({
    conf: z.object({ neighbor_address: z.string(), peer_asn: count }),
    state: z.object({ session_state: count, peer_asn: count }),
    timers: z
      .object({ state: z.object({ uptime: z.object({ seconds: z.number() }).optional() }) })
      .optional(),
    afi_safis: z.array(z.object({ state: z.object({ received: count }) })).default([]),
  }),
);

/** GoBGP writes the documents of several questions one after the other, each on a line. */
function documents(text: string): string[] {
  return text.split(/^(?=[[{])/m);
}

/** The state of each session by its neighbour's address, out of `gobgp -j neighbor`. */
export function statesIn(text: string): ReadonlyMap<string, SessionState> {
  return new Map(
    neighbourList
      .parse(JSON.parse(text))
      .map(({ conf, state }) => [conf.neighbor_address, stateOf(state.session_state)]),
  );
}

function stateOf(number: number): SessionState {
  return statesByNumber[number] ?? "Unknown";
}

/**
 * Reads `gobgp -j neighbor` with the RIB behind it. GoBGP leaves zero values out, and its uptime is the moment the session
 * came up. The prefixes that it counts as accepted are counted before its import policy: those in the RIB are counted instead.
 * @param now seconds since the epoch on the reflector's clock
 */
export function parseNeighbours(text: string, now: number): RouterNeighbour[] {
  const [peers = "", ...ribs] = documents(text);
  const accepted = new Map<string, number>();
  for (const { peer } of ribs.flatMap((one) => parseRib(one, now)))
    accepted.set(peer, (accepted.get(peer) ?? 0) + 1);
  return neighbourList.parse(JSON.parse(peers)).map((peer) => {
    const address = peer.conf.neighbor_address;
    const state = stateOf(peer.state.session_state);
    const since = peer.timers?.state.uptime?.seconds;
    return {
      address,
      asn: peer.conf.peer_asn || peer.state.peer_asn,
      state,
      ...(state === "Established" && since !== undefined
        ? { uptimeSeconds: Math.max(0, Math.round(now - since)) }
        : {}),
      received: peer.afi_safis.reduce((sum, family) => sum + family.state.received, 0),
      accepted: accepted.get(address) ?? 0,
    };
  });
}

/** BGP path attribute type codes (RFC 4271 §5.1); the next hop of IPv6 is in MP_REACH_NLRI (RFC 4760). */
const attribute = { nextHop: 3, localPref: 5, reachable: 14 } as const;

const rib = z.record(
  z.string(),
  z.array(
    z.object({
      nlri: z.object({ prefix: z.string() }),
      age: count,
      best: z.boolean().default(false),
      "peer-address": z.string().default(""),
      attrs: z.array(
        z.object({
          type: z.number(),
          nexthop: z.string().optional(),
          value: z.unknown().optional(),
        }),
      ),
    }),
  ),
);

/**
 * Reads `gobgp -j global rib` of GoBGP 4, one answer after the other, each of which is a line; `age` there is the moment the
 * path came in.
 */
export function parseRib(text: string, now: number): RouterPath[] {
  const tables = documents(text).map((answer) => rib.parse(JSON.parse(answer)));
  return tables.flatMap(Object.values<z.infer<typeof rib>[string]>).flatMap((paths) =>
    paths.map((path) => {
      const hops = path.attrs.filter(
        ({ type }) => type === attribute.nextHop || type === attribute.reachable,
      );
      const localPref = path.attrs.find((one) => one.type === attribute.localPref)?.value;
      return {
        prefix: path.nlri.prefix,
        nextHop: hops[0]?.nexthop ?? "",
        peer: path["peer-address"],
        best: path.best,
        ageSeconds: Math.max(0, Math.round(now - path.age)),
        ...(typeof localPref === "number" ? { localPref } : {}),
      };
    }),
  );
}

/** What its import policy has let in. */
export const gobgpRib: RouterTable<RouterPath> = {
  args: ["global", "rib"],
  args6: ["global", "rib", "-a", "ipv6"],
  parse: parseRib,
};

export const gobgpNeighbours: RouterTable<RouterNeighbour> = {
  args: ["neighbor"],
  more: (_, six) => [
    gobgpRib.args,
    ...(six && gobgpRib.args6 !== undefined ? [gobgpRib.args6] : []),
  ],
  parse: parseNeighbours,
};
