import type { SpeakerSession } from "../../components/ask/router";
import type { Plan, SessionEnd, SessionPlan } from "../../plan/types";
import { coeOf, sessionNeeds } from "../ends";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, silentSpeaker, skip, unreachable } from "../verdict";

/** A session of two nodes is Established, as both of them say. */
export function meshCheck(plan: Plan, session: SessionPlan): Judged {
  const { a, b } = session;
  return {
    id: `session/${session.name}`,
    group: "session",
    title: `${a.id} (${a.address}) and ${b.id} (${b.address}) are Established`,
    needs: sessionNeeds(plan, session),
    judge: (seen) => judge(plan, session, seen),
  };
}

function judge(plan: Plan, session: SessionPlan, seen: Observation): Verdict {
  const { a, b } = session;
  const about: About = {
    at: session.name,
    expected: `Established at both ends, AS ${a.asn} and AS ${b.asn}`,
    source: `plan: sessions.${session.name}`,
  };
  const away = [a, b].map(({ id }) => coeOf(id)).find((coe) => plan.coes[coe]?.deployed !== true);
  if (away !== undefined) return skip("plan", `${away} is not deployed`);
  const answers = [a, b].map(({ id }) => seen.speakers[id]);
  const asked: string[] = [];
  const wrong: string[] = [];
  for (const [index, answer] of answers.entries()) {
    const [own, far] = index === 0 ? [a, b] : [b, a];
    if (answer === undefined) return unreachable(about);
    if (!answer.ok) return silentSpeaker(own.id, answer, about);
    asked.push(answer.asked);
    const found = answer.value.sessions.find(({ address }) => address === far.address);
    const fault = faultOf(far, found);
    if (fault !== undefined) wrong.push(`at ${own.id}: ${fault}`);
  }
  const how = asked.join("; ");
  if (wrong.length === 0) return pass(how, `Established, AS ${a.asn} and AS ${b.asn}`);
  return fail(how, wrong.join("; "), {
    ...about,
    cause: `one of the two has no peer for the other, or in another AS, or a firewall drops TCP port 179 between ${a.address} and ${b.address}`,
    remedy: `see objects/${coeOf(a.id)} and objects/${coeOf(b.id)}, which say how the plan's objects are applied again`,
  });
}

function faultOf(far: SessionEnd, found: SpeakerSession | undefined): string | undefined {
  if (found === undefined) return `no session with ${far.address}`;
  const { asn, state, problem } = found;
  if (asn !== far.asn) return `AS ${asn} instead of ${far.asn}`;
  if (state === "Established") return undefined;
  return problem === undefined ? state : `${state}: ${problem}`;
}
