import type { Plan, SessionPlan } from "../../plan/types";

/** A session without the replaced AS. */
export function unreplaced(session: SessionPlan): SessionPlan {
  const { replacePeerAs: _, ...a } = session.a;
  return { ...session, a };
}

/** A plan with the timers that every reflector's sessions had at first. */
export function withOlderTimers(plan: Plan): Plan {
  const sessions = Object.entries(plan.sessions).map(([name, session]) => {
    const a = { ...session.a, timers: { hold: 90, keepalive: 30 } };
    return [name, { ...session, a }] as const;
  });
  return { ...plan, sessions: Object.fromEntries(sessions) };
}
