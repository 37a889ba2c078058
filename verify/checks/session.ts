import type { SessionState } from "../../components/ask/router";
import type { Plan, ReflectorPlan, SessionPlan } from "../../plan/types";
import { isReflector, sessionNeeds, sessionsAt } from "../ends";
import { signatureFault } from "../signatures";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { meshCheck } from "./mesh";
import { askedOf, notAsked, ownNeighbours } from "./unread";

/** Every planned session is Established, and no reflector has another. */
export function sessionChecks(plan: Plan): Judged[] {
  return [
    ...Object.values(plan.sessions).map(
      (session): Judged =>
        isReflector(plan, session.a.id)
          ? {
              id: `session/${session.name}`,
              group: "session",
              title: `${session.a.id} and ${session.b.id} (${session.b.address}) are Established`,
              needs: sessionNeeds(plan, session),
              judge: (seen) => judgeSession(plan, session, seen),
            }
          : meshCheck(plan, session),
    ),
    ...Object.values(plan.reflectors).map(
      (reflector): Judged => ({
        id: `session/${reflector.name}/unplanned`,
        group: "session",
        title: `${reflector.name} has no neighbour that is not planned`,
        needs: askedOf(reflector, `neighbours/${reflector.name}`),
        judge: (seen) => judgeUnplanned(plan, reflector, seen),
      }),
    ),
  ];
}

/** One planned session: Established, with the planned AS. A COE that is not deployed yet cannot fail it. */
function judgeSession(plan: Plan, session: SessionPlan, seen: Observation): Verdict {
  const { a, b } = session;
  const about: About = {
    at: session.name,
    expected: `neighbour ${b.address} Established, AS ${b.asn}${session.bfd === undefined ? "" : ", BFD Up"}`,
    source: `plan: sessions.${session.name}`,
  };
  if (plan.reflectors[a.id]?.unread === true) return judgeFromNode(session, seen, about);
  const answer = seen.neighbours[a.id];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, { ...about, ...daemonAway(a.id) });
  const { asked } = answer;
  const peer = answer.value.find((one) => one.address === b.address);
  if (peer === undefined)
    return fail(asked, `no neighbour ${b.address}`, { ...about, ...notAsPlanned(a.id) });
  const coe = b.id.split("/")[0] ?? "";
  if (plan.coes[coe]?.deployed === false)
    return skip(asked, `${coe} is not deployed; neighbour is ${peer.state}`);
  if (peer.asn !== b.asn)
    return fail(asked, `AS ${peer.asn} instead of ${b.asn}`, { ...about, ...notAsPlanned(a.id) });
  const watched = session.bfd === undefined ? "" : `, BFD ${peer.bfd ?? "none"}`;
  if (peer.state === "Established" && watched !== "" && peer.bfd !== "Up")
    return fail(asked, `Established${watched}`, { ...about, ...whyBlind(session) });
  if (peer.state === "Established") return pass(asked, `Established, AS ${peer.asn}${watched}`);
  const { found, cause } = signatureFault(session, seen.signatures?.[b.id]) ?? {};
  return fail(asked, found === undefined ? peer.state : `${peer.state}: ${found}`, {
    ...about,
    ...whyDown(session, peer.state),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Where nobody can ask the router, by what the node's speaker says of its end. */
function judgeFromNode(planned: SessionPlan, seen: Observation, about: About): Verdict {
  const { a, b } = planned;
  const answer = seen.speakers[b.id];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, about);
  const session = answer.value.sessions.find(({ address }) => address === a.address);
  const state = session?.state ?? `no session with ${a.address}`;
  const signed = signatureFault(planned, seen.signatures?.[b.id]);
  const why = signed === undefined ? "" : `: ${signed.found}`;
  return state === "Established"
    ? pass(answer.asked, `Established, AS ${session?.asn}, by the word of ${b.id}`)
    : fail(answer.asked, `${state}, by the word of ${b.id}${why}`, {
        ...about,
        cause:
          signed?.cause ??
          `${a.id} has not the configuration that the plan needs, or ${b.id} does not reach it`,
        remedy: `have what \`bin/seamless render external\` prints applied to ${a.id}`,
      });
}

type Advice = Pick<About, "cause" | "remedy">;

/** Why a reflector that was reached has no answer. */
export function daemonAway(reflector: string): Advice {
  return {
    cause: `the daemon of ${reflector} is down, or does not answer where the stack's outputs say`,
    remedy: `look at the log of ${reflector}; to make it again run: pulumi up`,
  };
}

function notAsPlanned(reflector: string): Advice {
  return {
    cause: `${reflector} runs another configuration than the plan's`,
    remedy: "run: pulumi up",
  };
}

/** Before OpenSent no TCP connection has come about; after it the two have talked and do not agree (RFC 4271 8.2.2). */
function whyDown({ a, b, password }: SessionPlan, state: SessionState): Advice {
  const port = a.port ?? 179;
  if (state === "OpenSent" || state === "OpenConfirm")
    return {
      cause: `${b.id} refuses what ${a.id} proposes (AS, router id, hold time), or does not answer it`,
      remedy: `look at the log of the speaker on ${b.id} for the notification that it sends`,
    };
  // The kernel drops what has no or another password without a word, so that nobody sees why a session stays down.
  if (password !== undefined)
    return {
      cause: `${b.id} has not the password of seamless:bgpPasswords.${password}, or none; or its speaker is down`,
      remedy: `run: pulumi up; if that changes nothing, look whether the speaker on ${b.id} runs, and restart it`,
    };
  return {
    cause: `the speaker on ${b.id} is down or has no peer ${a.address}, or a firewall drops TCP port ${port} between ${b.address} and ${a.address}`,
    remedy: `on ${b.id}: look whether the speaker runs and reaches ${a.address} port ${port}; to apply its peers again run: pulumi up`,
  };
}

/** The session does without: what fails is noticed after the hold time, as it was before. */
function whyBlind({ a, b }: SessionPlan): Advice {
  return {
    cause: `UDP port 3784 (RFC 5881) is dropped between ${a.address} and ${b.address}, or one of them does not watch the other: a node that fails is noticed after the hold time alone`,
    remedy: `let UDP 3784 pass between both; on ${b.id} ask its speaker for its BFD sessions; to apply the plan again run: pulumi up`,
  };
}

/** No neighbour beyond the plan's: a stranger's session is a hole in the fence. */
function judgeUnplanned(plan: Plan, reflector: ReflectorPlan, seen: Observation): Verdict {
  const planned = new Set(sessionsAt(plan, reflector.name).map(({ far }) => far.address));
  const about: About = {
    at: reflector.name,
    expected: `the ${planned.size} neighbours of the plan and no other`,
    source: "plan: sessions",
    cause: "somebody has added a neighbour by hand, or a node has left the plan without an update",
    remedy: "add the node to the COE's nodes if it belongs there; else run: pulumi up",
  };
  const answer = seen.neighbours[reflector.name];
  const unasked = notAsked(reflector);
  if (unasked !== undefined) return unasked;
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, { ...about, ...daemonAway(reflector.name) });
  const { asked } = answer;
  const value = ownNeighbours(plan, reflector, answer.value);
  const strangers = value.filter((peer) => !planned.has(peer.address));
  return strangers.length === 0
    ? pass(asked, `${value.length} neighbours, all planned`)
    : fail(
        asked,
        strangers.map((peer) => `${peer.address} AS ${peer.asn} ${peer.state}`).join(", "),
        about,
      );
}
