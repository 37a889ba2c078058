import { z } from "zod";
import {
  type RouterNeighbour,
  type RouterPath,
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
    afi_safis: z
      .array(z.object({ state: z.object({ received: count, accepted: count }) }))
      .default([]),
  }),
);

/**
 * Reads `gobgp -j neighbor`. GoBGP leaves zero values out, and its uptime is the moment the session came up.
 * @param now seconds since the epoch on the reflector's clock
 */
export function parseNeighbours(text: string, now: number): RouterNeighbour[] {
  return neighbourList.parse(JSON.parse(text)).map((peer) => {
    const established = statesByNumber[peer.state.session_state] === "Established";
    const since = peer.timers?.state.uptime?.seconds;
    return {
      address: peer.conf.neighbor_address,
      asn: peer.conf.peer_asn || peer.state.peer_asn,
      state: statesByNumber[peer.state.session_state] ?? "Unknown",
      ...(established && since !== undefined
        ? { uptimeSeconds: Math.max(0, Math.round(now - since)) }
        : {}),
      received: peer.afi_safis.reduce((sum, family) => sum + family.state.received, 0),
      accepted: peer.afi_safis.reduce((sum, family) => sum + family.state.accepted, 0),
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
  const answers = text.split(/^(?=\{)/m);
  const tables = answers.map((answer) => rib.parse(JSON.parse(answer)));
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
