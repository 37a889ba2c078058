import type { NetworkConfig } from "../config/types";
import { contains } from "../util/net";
import { networksOf } from "./racks";
import type { CoePlan, SessionPlan } from "./types";

/**
 * A session with TTL security (RFC 5082) where the network asks for it and both ends can have it: they are on one segment, and
 * the node's speaker knows of it, which Calico 2 does not.
 */
export function guarded(
  network: NetworkConfig,
  { calicoApi }: Pick<CoePlan, "calicoApi">,
  session: SessionPlan,
): SessionPlan {
  if (network.ttlSecurity !== true || calicoApi === "v1") return session;
  return onOneSegment(network, session) ? { ...session, ttlSecurity: true } : session;
}

/** Whether both ends of a session are on one network of nodes. */
export function onOneSegment(
  network: NetworkConfig,
  { a, b }: Pick<SessionPlan, "a" | "b">,
): boolean {
  return networksOf(network).some((range) =>
    [a, b].every(({ address }) => contains(range, address)),
  );
}
