import type { Plan, ReflectorPlan, SessionPlan } from "../../plan/types";
import type { Judged, Observation, Verdict } from "../types";

/** Every planned session is Established, and no reflector has another. */
export function sessionChecks(plan: Plan): Judged[] {
  return [
    ...Object.values(plan.sessions).map(
      (session): Judged => ({
        id: `session/${session.name}`,
        group: "session",
        title: `${session.a.id} and ${session.b.id} (${session.b.address}) are Established`,
        needs: [`neighbours/${session.a.id}`],
        judge: (seen) => judgeSession(plan, session, seen),
      }),
    ),
    ...Object.values(plan.reflectors).map(
      (reflector): Judged => ({
        id: `session/${reflector.name}/unplanned`,
        group: "session",
        title: `${reflector.name} has no neighbour that is not planned`,
        needs: [`neighbours/${reflector.name}`],
        judge: (seen) => judgeUnplanned(plan, reflector, seen),
      }),
    ),
  ];
}

/** One planned session: Established, with the planned AS. A COE that is not deployed yet cannot fail it. */
function judgeSession(plan: Plan, session: SessionPlan, seen: Observation): Verdict {
  const { a, b } = session;
  const answer = seen.neighbours[a.id];
  if (answer === undefined) return notAsked;
  if (!answer.ok) return { status: "fail", asked: answer.asked, found: answer.error };
  const { asked } = answer;
  const peer = answer.value.find((one) => one.address === b.address);
  if (peer === undefined) {
    return {
      status: "fail",
      asked,
      found: `no neighbour ${b.address}; the plan's neighbours are not all configured`,
    };
  }
  const coe = b.id.split("/")[0] ?? "";
  if (plan.coes[coe]?.deployed === false) {
    return { status: "skip", asked, found: `${coe} is not deployed; neighbour is ${peer.state}` };
  }
  if (peer.asn !== b.asn) {
    return { status: "fail", asked, found: `AS ${peer.asn} instead of ${b.asn}` };
  }
  if (peer.state !== "Established")
    return { status: "fail", asked, found: `${peer.state}${likelyCause(session)}` };
  return { status: "pass", asked, found: `Established, AS ${peer.asn}` };
}

/** The kernel drops what has no or another password without a word, so that nobody sees why a session stays down. */
function likelyCause({ b, password }: SessionPlan): string {
  return password === undefined
    ? ""
    : `; likely cause: ${b.id} has not the password of seamless:bgpPasswords.${password}, or none`;
}

/** No neighbour beyond the plan's: a stranger's session is a hole in the fence. */
function judgeUnplanned(plan: Plan, reflector: ReflectorPlan, seen: Observation): Verdict {
  const answer = seen.neighbours[reflector.name];
  if (answer === undefined) return notAsked;
  if (!answer.ok) return { status: "fail", asked: answer.asked, found: answer.error };
  const planned = new Set(
    Object.values(plan.sessions)
      .filter(({ a }) => a.id === reflector.name)
      .map(({ b }) => b.address),
  );
  const strangers = answer.value.filter((peer) => !planned.has(peer.address));
  return strangers.length === 0
    ? {
        status: "pass",
        asked: answer.asked,
        found: `${answer.value.length} neighbours, all planned`,
      }
    : {
        status: "fail",
        asked: answer.asked,
        found: strangers.map((peer) => `${peer.address} AS ${peer.asn} ${peer.state}`).join(", "),
      };
}

const notAsked: Verdict = {
  status: "fail",
  asked: "",
  found: "no access to it in the stack outputs",
};
