/** Calico's BIRD 1.6, as `birdcl` prints what it does. */

import type { Family } from "../../../util/net";
import {
  type SpeakerRoute,
  type SpeakerSession,
  type SpeakerState,
  sessionState,
} from "../../ask/router";
import { askRoutes, parseBirdAnswer } from "../bird/answer";

/** Where calico-node and the agents of DC/OS have BIRD's socket, and that of the daemon of IPv6. */
const [socket, socket6] = ["/var/run/calico/bird.ctl", "/var/run/calico/bird6.ctl"];

/** How long BIRD may take for one answer. One that hangs never gives it, and its session still counts as up for a while. */
const seconds = 5;

/**
 * Everything by one run: a session that comes up between two questions would look like one without routes. What follows
 * a `#` is asked for next.
 */
const script = `
limit=; command -v timeout >/dev/null && limit="timeout ${seconds}"
ask() { $limit birdcl -s "$socket" "$@"; }
for socket; do
  [ "$socket" = "$1" ] || echo '# status'
  ask show status || { echo "BIRD gives no answer" >&2; exit 1; }
  echo '# protocols'
  ask show protocols all
${askRoutes}
done
exit 0
`;

/** Asks the daemon of each family that a node has addresses of. */
export function askBird(families: readonly Family[]): readonly string[] {
  const sockets = families.map((family) => (family === 6 ? socket6 : socket));
  return ["sh", "-c", script, "sh", ...sockets];
}

/** Reads what {@link askBird} prints. @throws Error when it is something else */
export function parseBirdStatus(text: string): SpeakerState {
  const [first, ...others] = text.split(/^# status\n/m).map(parseOne);
  if (first === undefined) throw new Error("no status of BIRD");
  return { ...first, sessions: [first, ...others].flatMap(({ sessions }) => sessions) };
}

/** What one daemon says. */
function parseOne(text: string): SpeakerState {
  const { routerId, now, protocols, answer } = parseBirdAnswer(text);
  const routes = parseRoutes(answer("routes"));
  const sessions = protocols.split(/^(?=\S)/m).flatMap((part) => {
    const session = sessionOf(part, now);
    if (session === undefined) return [];
    const { name } = session;
    const imported = routes.filter((route) => route.protocol === name).map(withoutProtocol);
    const exported = parseRoutes(answer(`exported ${name}`)).map(({ prefix }) => prefix);
    return [{ ...session, imported, exported }];
  });
  return { routerId, sessions };
}

type Head = Omit<SpeakerSession, "imported" | "exported">;

/** One protocol of `show protocols all`, if it is BGP. */
function sessionOf(part: string, now: string): Head | undefined {
  const head = /^(\S+)\s+BGP\s+\S+\s+\S+\s+(\S+)(?:[ \t]+(.*\S))?/.exec(part);
  const field = (name: string) => new RegExp(`^ +${name}:\\s+(.*?)\\s*$`, "m").exec(part)?.[1];
  const address = field("Neighbor address");
  if (head === null || address === undefined) return undefined;
  const [, name = "", since = "", info = ""] = head;
  // A session that was never tried has no state of its own, such as one that is disabled.
  const said = field("BGP state") ?? "Idle";
  const state = sessionState(said);
  const uptimeSeconds = state === "Established" ? ageOf(since, now) : undefined;
  const problem = field("Last error") ?? (state === "Established" || info === said ? "" : info);
  return {
    name,
    address,
    asn: Number(field("Neighbor AS")),
    state,
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(problem === "" || problem.trim() === said ? {} : { problem }),
  };
}

/** BIRD tells the time of what is younger than a day, else the day alone. @param now by the same clock */
function ageOf(since: string, now: string): number | undefined {
  if (!/^\d\d:\d\d:\d\d$/.test(since)) return undefined;
  const seconds = (text: string) => Date.parse(`${text.replace(" ", "T")}Z`) / 1000;
  const [day = ""] = now.split(" ");
  const age = seconds(now) - seconds(`${day} ${since}`);
  return age < 0 ? age + 24 * 3600 : age;
}

/** The routes of `show route`; a second path to a prefix does not repeat it. */
function parseRoutes(text: string): (SpeakerRoute & { readonly protocol: string })[] {
  let prefix = "";
  return text.split("\n").flatMap((line) => {
    const found = /^(\S+)?\s+(?:via (\S+) on \S+|\S.*?) \[(\S+) /.exec(line);
    if (found === null) return [];
    prefix = found[1] ?? prefix;
    return [{ prefix, via: found[2] ?? "", protocol: found[3] ?? "" }];
  });
}

function withoutProtocol({ prefix, via }: SpeakerRoute): SpeakerRoute {
  return { prefix, via };
}
