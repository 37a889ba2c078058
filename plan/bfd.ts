import type { SessionPlan } from "./types";

/** A node that is gone is missed after 900 ms; shorter ones end sessions of hosts that are merely busy. */
const watch = { interval: 300, multiplier: 3 } as const;

/**
 * A session whose ends watch each other with BFD (RFC 5880) where the network asks for it and both can: they are on one
 * segment, as BFD of a single hop needs it (RFC 5881), and neither says why it does not.
 * @param asked whether the network asks for it
 * @param without why each end does not; undefined where it does
 */
export function watched(
  asked: boolean | undefined,
  near: boolean,
  without: readonly (string | undefined)[],
  session: SessionPlan,
): SessionPlan {
  const able = asked === true && near && without.every((why) => why === undefined);
  return able ? { ...session, bfd: watch } : session;
}
