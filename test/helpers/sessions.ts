import type { SessionPlan } from "../../plan/types";

/** A session without the replaced AS. */
export function unreplaced(session: SessionPlan): SessionPlan {
  const { replacePeerAs: _, ...a } = session.a;
  return { ...session, a };
}
