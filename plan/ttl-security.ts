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
  const near = networksOf(network).some((range) =>
    [session.a, session.b].every(({ address }) => contains(range, address)),
  );
  return near ? { ...session, ttlSecurity: true } : session;
}
