import type { PathEnd } from "./path";
import type { Outcome } from "./settle";
import type { Topology } from "./topology";

/**
 * Where the paths of one router end that another has no use of: the sessions nearest to the receiver, or what the
 * receiver itself lacks. Empty where it has a path it can use.
 */
export function endsBefore(
  topology: Topology,
  outcome: Outcome,
  from: string,
  to: string,
): PathEnd[] {
  const [best] = outcome.paths.get(to) ?? [];
  if (best !== undefined) {
    const { learned, nextHop, over } = best;
    if (learned === undefined || learned.reach !== undefined) return [];
    const reason = `${to} has no route to the next hop ${nextHop}`;
    return [{ session: over.at(-1) ?? "", sender: learned.neighbour, receiver: to, reason }];
  }
  const refused = outcome.ends.filter(({ receiver }) => receiver === to);
  if (refused.length > 0) return refused;
  const unconnected = [...outcome.paths].flatMap(([sender, [path]]) =>
    sender === from || path === undefined
      ? []
      : [
          {
            session: path.over.at(-1) ?? "",
            sender,
            receiver: to,
            reason: `${sender} has no session with ${to}`,
          },
        ],
  );
  if (unconnected.length > 0) return unconnected;
  const atOrigin = outcome.ends.filter(({ sender }) => sender === from);
  if (atOrigin.length > 0) return atOrigin;
  const down = topology.down.map(({ session, reason }) => ({
    session,
    sender: from,
    receiver: to,
    reason,
  }));
  return down.length > 0
    ? down
    : [{ session: "", sender: from, receiver: to, reason: `${from} has no session` }];
}
