import type { BfdPlan } from "../../../plan/types";

/** The name of a profile of FRR's bfdd says its times, so that other times come by another profile. */
export function profileName({ interval, multiplier }: BfdPlan): string {
  return `seamless-${interval}x${multiplier}`;
}

/** The profiles that sessions need, each once and by name. */
export function profilesOf(
  sessions: readonly { readonly bfd?: BfdPlan }[],
): readonly { readonly name: string; readonly times: BfdPlan }[] {
  const all = new Map(sessions.flatMap(({ bfd }) => (bfd ? [[profileName(bfd), bfd]] : [])));
  return [...all].sort().map(([name, times]) => ({ name, times }));
}

/**
 * Has bgpd keep a session, and the routes that it has brought, while BFD says that the far end is away: that end says itself that its BFD ends
 * with its daemon, and packets of containers do not pass it. The session then ends by its hold timer, as without BFD.
 */
export const keepsRoutes = "bfd check-control-plane-failure";
