import type { NetworkConfig } from "../config/types";
import { onOneSegment } from "./ttl-security";
import type { SessionPlan } from "./types";

/** A node that is gone is missed after 900 ms; shorter ones end sessions of hosts that are merely busy. */
const watch = { interval: 300, multiplier: 3 } as const;

/**
 * A session whose ends watch each other with BFD (RFC 5880) where the network asks for it and both can: they are on one
 * segment, as BFD of a single hop needs it (RFC 5881), and neither says why it does not.
 * @param without why each end does not; undefined where it does
 */
export function watched(
  network: NetworkConfig,
  session: SessionPlan,
  without: readonly (string | undefined)[],
): SessionPlan {
  // First, for there are plans of many thousand sessions.
  if (network.bfd !== true || without.some((why) => why !== undefined)) return session;
  return onOneSegment(network, session) ? { ...session, bfd: watch } : session;
}
