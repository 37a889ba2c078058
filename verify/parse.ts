import { z } from "zod";
import { hostPrefix } from "../util/net";
import type { KernelRoute, Neighbour, ProbeReply, RibPath, SessionState } from "./types";

/** Session states by the number in GoBGP's API (api/gobgp.proto, PeerState.SessionState). */
const sessionStates: readonly SessionState[] = [
  "Unknown",
  "Idle",
  "Connect",
  "Active",
  "OpenSent",
  "OpenConfirm",
  "Established",
];

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
export function parseNeighbours(text: string, now: number): Neighbour[] {
  return neighbourList.parse(JSON.parse(text)).map((peer) => {
    const established = sessionStates[peer.state.session_state] === "Established";
    const since = peer.timers?.state.uptime?.seconds;
    return {
      address: peer.conf.neighbor_address,
      asn: peer.conf.peer_asn || peer.state.peer_asn,
      state: sessionStates[peer.state.session_state] ?? "Unknown",
      ...(established && since !== undefined
        ? { uptimeSeconds: Math.max(0, Math.round(now - since)) }
        : {}),
      received: peer.afi_safis.reduce((sum, family) => sum + family.state.received, 0),
      accepted: peer.afi_safis.reduce((sum, family) => sum + family.state.accepted, 0),
    };
  });
}

/** BGP path attribute type codes (RFC 4271 §5.1). */
const attribute = { nextHop: 3, localPref: 5 } as const;

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

/** Reads `gobgp -j global rib` of GoBGP 4; `age` there is the moment the path came in. */
export function parseRib(text: string, now: number): RibPath[] {
  const table = rib.parse(JSON.parse(text));
  return Object.values(table).flatMap((paths) =>
    paths.map((path) => {
      const localPref = path.attrs.find((one) => one.type === attribute.localPref)?.value;
      return {
        prefix: path.nlri.prefix,
        nextHop: path.attrs.find((one) => one.type === attribute.nextHop)?.nexthop ?? "",
        peer: path["peer-address"],
        best: path.best,
        ageSeconds: Math.max(0, Math.round(now - path.age)),
        ...(typeof localPref === "number" ? { localPref } : {}),
      };
    }),
  );
}

const routeList = z.array(
  z.object({
    type: z.string().default("unicast"),
    dst: z.string(),
    gateway: z.string().optional(),
    nexthops: z.array(z.object({ gateway: z.string().optional() })).default([]),
    dev: z.string().optional(),
    protocol: z.string().optional(),
  }),
);

/** Reads `ip -j -4 route show`. */
export function parseRoutes(text: string): KernelRoute[] {
  return routeList.parse(JSON.parse(text)).map((route) => ({
    prefix: canonical(route.dst),
    type: route.type,
    gateways: [
      ...(route.gateway === undefined ? [] : [route.gateway]),
      ...route.nexthops.flatMap((hop) => (hop.gateway === undefined ? [] : [hop.gateway])),
    ],
    ...(route.dev === undefined ? {} : { device: route.dev }),
    ...(route.protocol === undefined ? {} : { protocol: route.protocol }),
  }));
}

function canonical(destination: string): string {
  if (destination === "default") return "0.0.0.0/0";
  return destination.includes("/") ? destination : hostPrefix(destination);
}

const probeReply = z.object({ server: z.string(), client: z.string() });

/** Reads the probe server's one line of JSON; an IPv4 address mapped into IPv6 is written as IPv4. */
export function parseProbe(text: string): ProbeReply {
  const reply = probeReply.parse(JSON.parse(text));
  return { ...reply, client: reply.client.replace(/^\[?(::ffff:)?|\]$/g, "") };
}
