import type { SpeakerSession } from "../../components/ask/router";
import { addressesOf } from "../../plan/families";
import type { NodePlan, Plan, SessionEnd, SessionPlan } from "../../plan/types";
import { overlap, prefix } from "../../util/net";
import { containerSpace } from "../../util/ranges";
import { deployedSpeakers } from "../coes";
import { isDeployed, isReflector, sessionsAt } from "../ends";
import type { Fault, Judged, Need, Observation, Verdict } from "../types";
import { type About, fail, pass, silentSpeaker, unreachable } from "../verdict";

/** The nodes' own ends of the sessions. */
export function speakerChecks(plan: Plan): Judged[] {
  return deployedSpeakers(plan).map((node): Judged => {
    const sessions = sessionsOf(plan, node);
    const far = sessions.map((one) => farOf(one, node).id).join(", ");
    return {
      id: `speaker/${node.id}`,
      group: "speaker",
      title: `${node.id} has sessions with ${far || "nobody"} and with nobody else, as both ends say`,
      needs: [
        `speakers/${node.id}`,
        ...sessions.flatMap((one): Need[] => {
          const { id } = farOf(one, node);
          // Of a router that nobody can ask there is no word of its own.
          return isReflector(plan, id) && plan.reflectors[id]?.unread !== true
            ? [`neighbours/${id}`]
            : [];
        }),
      ],
      judge: (seen) => judgeSpeaker(plan, node, sessions, seen),
    };
  });
}

function sessionsOf(plan: Plan, { id }: NodePlan): SessionPlan[] {
  return sessionsAt(plan, id).map(({ session }) => session);
}

function farOf({ a, b }: SessionPlan, { id }: NodePlan): SessionEnd {
  return a.id === id ? b : a;
}

function judgeSpeaker(
  plan: Plan,
  node: NodePlan,
  planned: readonly SessionPlan[],
  seen: Observation,
): Verdict {
  // With nodes of a COE that is planned only there is none yet.
  const sessions = planned.filter((one) => isDeployed(plan, one));
  const ends = sessions.map((one) => farOf(one, node));
  const near = (far: SessionEnd) => nearOf(sessions, far);
  const about: About = {
    at: node.id,
    expected: `${ends.map(({ address, asn }) => `${address} AS ${asn} Established`).join(", ")}, and no session with another router of the plan`,
    source: `plan: sessions of ${node.id}`,
    cause: "the node's peers were changed, or sessions between nodes are on again",
    remedy: `see objects/${coeOf(node)}, which says how the plan's objects are applied again; then look at the log of the speaker on ${node.id}`,
  };
  const answer = seen.speakers[node.id];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return silentSpeaker(node.id, answer, about);
  const { asked, value } = answer;
  const wrong = [
    ...ends.flatMap((far) =>
      faultsOf(far, near(far), sessionWith(sessions, far)?.bfd !== undefined, value.sessions, seen),
    ),
    ...value.sessions
      .filter(({ address }) => !planned.some((one) => farOf(one, node).address === address))
      .flatMap((one) => unplanned(plan, one)),
  ];
  const imported = value.sessions.reduce((sum, one) => sum + one.imported.length, 0);
  return wrong.length === 0
    ? pass(asked, `${sessions.length} Established, ${imported} routes taken`)
    : fail(asked, wrong, about);
}

/** The node's own address on its session with a far end; there is one of each family. */
function nearOf(sessions: readonly SessionPlan[], far: SessionEnd): string | undefined {
  const own = sessionWith(sessions, far);
  return (own?.a === far ? own.b : own?.a)?.address;
}

function sessionWith(sessions: readonly SessionPlan[], far: SessionEnd): SessionPlan | undefined {
  return sessions.find(({ a, b }) => a === far || b === far);
}

/** @param near the node's own address on that session @param watched whether the plan has BFD on it */
function faultsOf(
  far: SessionEnd,
  near: string | undefined,
  watched: boolean,
  found: readonly SpeakerSession[],
  seen: Observation,
): Fault[] {
  // It is one fault whatever state it is in: a session that does not come up goes through several, each with what was wrong last.
  const down = (text: string): Fault[] => [{ same: `session with ${far.address}`, found: text }];
  const session = found.find(({ address }) => address === far.address);
  if (session === undefined) return down(`no session with ${far.address} (${far.id})`);
  const { name, asn, state, problem } = session;
  if (asn !== far.asn) return down(`${name}: ${far.address} AS ${asn} (should be ${far.asn})`);
  if (state !== "Established")
    return down(`${name}: ${far.address} ${state}${problem === undefined ? "" : `: ${problem}`}`);
  if (watched && session.bfd !== "Up")
    return down(`${name}: ${far.address} Established, BFD ${session.bfd ?? "none"} (should be Up)`);
  const other = seen.neighbours[far.id];
  const end = other?.ok ? other.value.find(({ address }) => address === near) : undefined;
  if (end === undefined || end.state !== "Established") return [];
  return contradiction(far.id, session.uptimeSeconds, end.uptimeSeconds);
}

/**
 * One end notices only by its hold timer that the other is gone (90 s, and 180 s at most where RFC 4271's own default is
 * used); clocks of two machines differ by some seconds.
 */
const mostApart = 240;

/** Both ends have one session when they have it for as long. */
function contradiction(
  reflector: string,
  here: number | undefined,
  there: number | undefined,
): Fault[] {
  if (here === undefined || there === undefined || Math.abs(here - there) <= mostApart) return [];
  const found = `it has its session with ${reflector} for ${here} s, and ${reflector} has it for ${there} s: they do not talk with each other`;
  return [{ same: `apart from ${reflector}`, found }];
}

/**
 * A session with a router of the plan gives routes past the reflector's acceptance. One with somebody else was there before,
 * and is no matter as long as no route of the plan's containers comes by it.
 */
function unplanned(plan: Plan, session: SpeakerSession): Fault[] {
  const { name, address, asn, state, imported } = session;
  const known = [
    ...Object.values(plan.reflectors).map((one) => ({ id: one.name, all: addressesOf(one) })),
    ...Object.values(plan.coes).flatMap(({ nodes }) =>
      Object.values(nodes).map((one) => ({ id: one.id, all: addressesOf(one) })),
    ),
  ].find(({ all }) => all.includes(address));
  const same = `session ${name} with ${address}`;
  const what = `${same} AS ${asn} (${state})`;
  if (known !== undefined)
    return [{ same, found: `${what}, which is ${known.id}: not in the plan` }];
  const space = containerSpace(plan).map(prefix);
  const taken = imported.filter(({ prefix: text }) => {
    const one = prefix(text);
    return one.length > 0 && space.some((range) => overlap(range, one));
  });
  return taken.length === 0
    ? []
    : [
        {
          same: `${same} brings routes`,
          found: `${what} brings ${taken.map((route) => `${route.prefix} via ${route.via}`).join(", ")}`,
        },
      ];
}

function coeOf({ id }: NodePlan): string {
  return id.slice(0, id.indexOf("/"));
}
