/** FRR on a node, as `vtysh` prints what it does. */
import { z } from "zod";
import {
  type BfdState,
  type SpeakerRoute,
  type SpeakerSession,
  type SpeakerState,
  sessionState,
} from "../../ask/router";

/** How long FRR may take for one answer. */
const seconds = 5;

/** Which neighbours there are; what they have sent and get is asked for each of them. */
export const askNeighbours: readonly string[] = ["vtysh", "-c", "show bgp summary json"];

/**
 * Everything by one run: a session that comes up between two questions would look like one without routes. What follows a
 * `#` is asked for next.
 */
const script = `
limit=; command -v timeout >/dev/null && limit="timeout ${seconds}"
ask() { echo "# $1"; $limit vtysh -c "$2"; }
ask summary "show bgp summary json" || { echo "FRR gives no answer" >&2; exit 1; }
said=$(ask neighbours "show bgp neighbors json")
printf '%s\n' "$said"
case $said in *peerBfdInfo*) ask bfd "show bfd peers json" ;; esac
for one in "$@"; do
  family=ipv4; case $one in *:*) family=ipv6;; esac
  ask "imported $one" "show bgp $family unicast neighbors $one routes json"
  ask "exported $one" "show bgp $family unicast neighbors $one advertised-routes json"
done
exit 0
`;

/** @param addresses of all neighbours */
export function askSessions(addresses: readonly string[]): readonly string[] {
  return ["sh", "-c", script, "sh", ...addresses];
}

const summary = z.record(
  z.string(),
  z.looseObject({
    routerId: z.string().optional(),
    peers: z
      .record(
        z.string(),
        z.looseObject({
          remoteAs: z.number().default(0),
          state: z.string().default(""),
          peerUptimeMsec: z.number().optional(),
        }),
      )
      .default({}),
  }),
);

/** Text comes before the document where a family is not configured. */
function documentIn(text: string): unknown {
  const at = text.indexOf("{");
  return at < 0 ? {} : JSON.parse(text.slice(at));
}

/** Addresses of the neighbours. @throws Error when it is something else */
export function neighboursIn(text: string): string[] {
  const all = Object.values(summary.parse(documentIn(text)));
  return [...new Set(all.flatMap(({ peers }) => Object.keys(peers)))].sort();
}

/** What bfdd calls the states of a session. */
const bfdStates: Readonly<Record<string, BfdState>> = {
  shutdown: "AdminDown",
  down: "Down",
  init: "Init",
  up: "Up",
};

const watched = z.array(z.looseObject({ peer: z.string(), status: z.string().default("") }));

/** By address: how far bfdd is with it. It says something else than a document where it does not run. */
function watchedIn(text: string): ReadonlyMap<string, BfdState> {
  const at = text.search(/^\[/m);
  if (at < 0) return new Map();
  const all = watched.parse(JSON.parse(text.slice(at)));
  return new Map(all.map(({ peer, status }) => [peer, bfdStates[status] ?? "Unknown"]));
}

const neighbours = z.record(z.string(), z.unknown());
const neighbour = z.looseObject({
  lastResetDueTo: z.string().optional(),
  lastNotificationReason: z.string().optional(),
  peerBfdInfo: z.unknown().optional(),
});
const imported = z.looseObject({
  routes: z
    .record(
      z.string(),
      z.array(
        z.looseObject({
          nexthops: z.array(z.looseObject({ ip: z.string().default("") })).default([]),
        }),
      ),
    )
    .default({}),
});
const exported = z.looseObject({
  advertisedRoutes: z.record(z.string(), z.unknown()).default({}),
});

/** Reads what {@link askSessions} prints. @throws Error when it is something else */
export function parseFrrStatus(text: string): SpeakerState {
  const parts = new Map(
    text.split(/^# /m).map((part): [string, string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1)];
    }),
  );
  const families = Object.values(summary.parse(documentIn(parts.get("summary") ?? "")));
  const said = neighbours.parse(documentIn(parts.get("neighbours") ?? ""));
  const bfd = watchedIn(parts.get("bfd") ?? "");
  const peers = new Map(families.flatMap((one) => Object.entries(one.peers)));
  const sessions = [...peers].map(([address, { remoteAs, state, peerUptimeMsec }]) => {
    const up = state === "Established";
    const problem = up ? undefined : problemOf(said[address]);
    const watch = isWatched(said[address]) ? bfd.get(address) : undefined;
    return {
      // FRR has no name of a session but its neighbour.
      name: address,
      address,
      asn: remoteAs,
      state: sessionState(state.replace(/ .*/, "")),
      ...(up && peerUptimeMsec !== undefined
        ? { uptimeSeconds: Math.floor(peerUptimeMsec / 1000) }
        : {}),
      ...(watch === undefined ? {} : { bfd: watch }),
      ...(problem === undefined ? {} : { problem }),
      imported: importedIn(parts.get(`imported ${address}`) ?? ""),
      exported: Object.keys(
        exported.parse(documentIn(parts.get(`exported ${address}`) ?? "")).advertisedRoutes,
      ),
    } satisfies SpeakerSession;
  });
  const routerId = families.find((one) => one.routerId !== undefined)?.routerId;
  // Without a BGP instance there are no sessions, and there is no identifier.
  return { routerId: routerId ?? "", sessions };
}

function problemOf(found: unknown): string | undefined {
  const { data } = neighbour.safeParse(found);
  return data?.lastNotificationReason ?? data?.lastResetDueTo;
}

/** Whether bgpd heeds what bfdd says of a neighbour; bfdd may watch it for somebody else. */
function isWatched(found: unknown): boolean {
  return neighbour.safeParse(found).data?.peerBfdInfo !== undefined;
}

function importedIn(text: string): SpeakerRoute[] {
  return Object.entries(imported.parse(documentIn(text)).routes).map(([prefix, [first]]) => ({
    prefix,
    via: first?.nexthops[0]?.ip ?? "",
  }));
}
