import { z } from "zod";
import {
  type RouterNeighbour,
  type RouterPath,
  type RouterTable,
  sessionState,
} from "../../ask/router";

const count = z.number().default(0);

const peer = z.object({
  remoteAs: count,
  state: z.string().default(""),
  pfxRcd: count,
  /** Seconds since the epoch; absent while the session was never up. */
  peerUptimeEstablishedEpoch: z.number().optional(),
});

/** `show bgp summary json`: neighbours by family. One that is in no family is in no table. */
const summary = z.record(
  z.string(),
  z.looseObject({ peers: z.record(z.string(), peer).default({}) }),
);

/** `show bgp ipv4 unicast neighbors ADDRESS prefix-counts json`. */
const counts = z.object({
  prefixCountsFor: z.string(),
  ribTableWalkCounters: z.looseObject({ "Adj-in": count }),
});

/** vtysh writes the documents of several questions one after the other, each from the first column on. */
function documents(text: string): unknown[] {
  return text
    .split(/^(?=\{)/m)
    .filter((part) => part.startsWith("{"))
    .map((part): unknown => JSON.parse(part.slice(0, part.lastIndexOf("}") + 1)));
}

/** Addresses of the neighbours with a session, out of `show bgp summary json`. */
export function establishedIn(text: string): ReadonlySet<string> {
  const peers = summaryIn(text).flatMap(({ peers }) => Object.entries(peers));
  return new Set(peers.flatMap(([address, { state }]) => (state === "Established" ? address : [])));
}

function summaryIn(text: string) {
  const [first = {}] = documents(text);
  return Object.values(summary.parse(first));
}

/** The neighbours, and of each how many prefixes it has sent, which the summary does not say. */
export const frrNeighbours: RouterTable<RouterNeighbour> = {
  args: ["-c", "show bgp summary json"],
  more(text) {
    const questions = [...establishedIn(text)].flatMap((address) => [
      "-c",
      `show bgp ${address.includes(":") ? "ipv6" : "ipv4"} unicast neighbors ${address} prefix-counts json`,
    ]);
    return questions.length === 0 ? [] : [questions];
  },
  parse(text, now) {
    const received = new Map(
      documents(text).flatMap((one) => {
        const { data } = counts.safeParse(one);
        return data === undefined
          ? []
          : [[data.prefixCountsFor, data.ribTableWalkCounters["Adj-in"]] as const];
      }),
    );
    const found = new Map<string, RouterNeighbour>();
    for (const { peers } of summaryIn(text))
      for (const [address, { remoteAs, state, pfxRcd, ...one }] of Object.entries(peers)) {
        const accepted = pfxRcd + (found.get(address)?.accepted ?? 0);
        const { peerUptimeEstablishedEpoch: since } = one;
        const up = state === "Established" && since !== undefined;
        found.set(address, {
          address,
          asn: remoteAs,
          state: sessionState(state),
          ...(up ? { uptimeSeconds: Math.max(0, Math.round(now - since)) } : {}),
          received: Math.max(accepted, received.get(address) ?? 0),
          accepted,
        });
      }
    return [...found.values()];
  },
};

const rib = z.object({
  routes: z
    .record(
      z.string(),
      z.array(
        z.looseObject({
          bestpath: z.looseObject({ overall: z.boolean().default(false) }).optional(),
          locPrf: z.number().optional(),
          lastUpdate: z.object({ epoch: z.number() }).optional(),
          nexthops: z.array(z.object({ ip: z.string().default("") })).optional(),
          peer: z.object({ peerId: z.string() }).optional(),
        }),
      ),
    )
    .default({}),
});

/** Who an own route comes from, as FRR writes it. */
const nobody = new Set(["0.0.0.0", "::", "(unspec)"]);

/** `show bgp ipv4 unicast json detail` and the same of IPv6: what a prefix begins with says nothing of a path. */
export const frrRib: RouterTable<RouterPath> = {
  args: ["-c", "show bgp ipv4 unicast json detail"],
  args6: ["-c", "show bgp ipv6 unicast json detail"],
  parse: (text, now) =>
    documents(text).flatMap((document) =>
      Object.entries(rib.parse(document).routes).flatMap(([prefix, paths]) =>
        paths.flatMap(({ nexthops, peer, bestpath, lastUpdate, locPrf }) =>
          nexthops === undefined
            ? []
            : [
                {
                  prefix,
                  nextHop: nexthops[0]?.ip ?? "",
                  peer: nobody.has(peer?.peerId ?? "") ? "" : (peer?.peerId ?? ""),
                  best: bestpath?.overall === true,
                  ageSeconds: Math.max(0, Math.round(now - (lastUpdate?.epoch ?? now))),
                  ...(locPrf === undefined ? {} : { localPref: locPrf }),
                },
              ],
        ),
      ),
    ),
};
