/** What the BIRD 2 of a node says of itself. */

import type { SpeakerRoute, SpeakerState } from "../../ask/router";
import { parseProtocols } from "../../reflector/bird/tables";
import { askRoutes, parseBirdAnswer } from "./answer";

/** Where distributions have its socket, which birdcl knows by itself. */
const seconds = 5;

/**
 * Everything by one run: a session that comes up between two questions would look like one without routes. What follows
 * a `#` is asked for next.
 */
const script = `
limit=; command -v timeout >/dev/null && limit="timeout ${seconds}"
ask() { $limit birdcl "$@"; }
ask show status || { echo "BIRD gives no answer" >&2; exit 1; }
echo '# protocols'
ask show protocols all
if ask show protocols | grep -q ' BFD '; then
  ask show bfd sessions
fi
${askRoutes}
exit 0
`;

export const askBirdNode: readonly string[] = ["sh", "-c", script];

/** Reads what {@link askBirdNode} prints. @throws Error when it is something else */
export function parseBirdNode(text: string): SpeakerState {
  const { routerId, now, protocols, answer } = parseBirdAnswer(text);
  const routes = parseRoutes(answer("routes"));
  const said = protocols.split(/^(?=\S)/m);
  const sessions = parseProtocols(protocols).map(({ suffix, address, asn, state, since, bfd }) => {
    const name = nameOf(said, suffix);
    const part = said.find((one) => one.startsWith(`${name} `)) ?? "";
    const problem = problemOf(part);
    const uptimeSeconds = Math.max(0, Math.round(secondsOf(now) - secondsOf(since)));
    return {
      ...{ name, address, asn, state },
      ...(bfd === undefined ? {} : { bfd }),
      ...(state === "Established" ? { uptimeSeconds } : {}),
      ...(problem === undefined ? {} : { problem }),
      imported: routes
        .filter((route) => route.protocol === name)
        .map(({ prefix, via }) => ({ prefix, via })),
      exported: parseRoutes(answer(`exported ${name}`)).map(({ prefix }) => prefix),
    };
  });
  return { routerId, sessions };
}

/** The protocol's whole name, of which the reflector's tables keep the last part where we have named it. */
function nameOf(said: readonly string[], suffix: string): string {
  const ours = `node_${suffix}`;
  return said.some((part) => part.startsWith(`${ours} `)) ? ours : suffix;
}

function problemOf(part: string): string | undefined {
  const field = (name: string) => new RegExp(`^ +${name}:\\s+(.*?)\\s*$`, "m").exec(part)?.[1];
  return field("Last error") ?? (/^\S+ +BGP +\S+ +down\b/.test(part) ? "disabled" : undefined);
}

/** @param text as the daemon's clock has it, in whatever zone: only differences count */
function secondsOf(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`) / 1000;
}

/**
 * The routes of `show route` of BIRD 2: a head with the protocol in brackets, and below it one `via` for each next hop. A
 * second path to a prefix does not repeat that.
 */
function parseRoutes(text: string): (SpeakerRoute & { readonly protocol: string })[] {
  let prefix = "";
  return text.split(/^(?!\t)/m).flatMap((part) => {
    const head = /^(\S+)?\s+(?:unicast|blackhole|unreachable|prohibit) \[(\S+) /.exec(part);
    if (head === null) return [];
    prefix = head[1] ?? prefix;
    const via = /^\tvia (\S+) on /m.exec(part)?.[1] ?? "";
    return [{ prefix, via, protocol: head[2] ?? "" }];
  });
}
