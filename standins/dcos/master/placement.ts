import type { Resources } from "../config";
import type { AppDefinition } from "./app";
import { type Place, satisfies } from "./constraints";
import { isOffered, requiredPorts } from "./task-ports";

/** What an agent offers right now. */
export interface Offer extends Place {
  readonly agent: string;
  /** The role its resources are reserved for. */
  readonly role: "*" | "slave_public";
  readonly free: Resources;
  /** Ports of the agent that tasks hold. */
  readonly usedPorts: ReadonlySet<number>;
}

/** Why offers were declined, in the order in which Marathon looks. */
export const rejections = [
  "UnfulfilledRole",
  "UnfulfilledConstraint",
  "InsufficientCpus",
  "InsufficientMemory",
  "InsufficientPorts",
] as const;

export type Rejection = (typeof rejections)[number];

/** The reason an offer does not do for one more task of an app, or undefined when it does. */
export function judge(
  app: AppDefinition,
  offer: Offer,
  taken: readonly Place[],
  offers: readonly Offer[],
): Rejection | undefined {
  if (!app.acceptedResourceRoles.includes(offer.role)) return "UnfulfilledRole";
  const eligible = offers.filter((one) => app.acceptedResourceRoles.includes(one.role));
  if (!app.constraints.every((one) => satisfies(one, offer, taken, eligible))) {
    return "UnfulfilledConstraint";
  }
  if (offer.free.cpus < app.cpus) return "InsufficientCpus";
  if (offer.free.mem < app.mem) return "InsufficientMemory";
  const ports = requiredPorts(app);
  if (!ports.every((port) => isOffered(offer.role, port) && !offer.usedPorts.has(port))) {
    return "InsufficientPorts";
  }
  return undefined;
}

export type Placement =
  | { readonly agent: string }
  | { readonly declined: Readonly<Record<string, Rejection>> };

/**
 * The agent for one more task: of those that do, the one with the fewest tasks of this app, then the one with
 * the most free CPUs, then the first by name. Otherwise why each agent was declined.
 */
export function place(
  app: AppDefinition,
  offers: readonly Offer[],
  taken: readonly Place[],
): Placement {
  const judged = offers.map((offer) => ({ offer, reason: judge(app, offer, taken, offers) }));
  const tasksOn = (offer: Offer) => taken.filter((one) => one.hostname === offer.hostname).length;
  const [best] = judged
    .filter(({ reason }) => reason === undefined)
    .map(({ offer }) => offer)
    .sort(
      (a, b) =>
        tasksOn(a) - tasksOn(b) ||
        b.free.cpus - a.free.cpus ||
        (a.agent < b.agent ? -1 : a.agent > b.agent ? 1 : 0),
    );
  if (best !== undefined) return { agent: best.agent };
  const declined = judged.flatMap(({ offer, reason }): [string, Rejection][] =>
    reason === undefined ? [] : [[offer.agent, reason]],
  );
  return { declined: Object.fromEntries(declined) };
}

/** One line of Marathon's `rejectSummaryLastOffers`. */
export interface RejectionCount {
  readonly reason: Rejection;
  /** Offers declined for this reason. */
  readonly declined: number;
  /** Offers that got as far as this check. */
  readonly processed: number;
}

export function summary(declined: Readonly<Record<string, Rejection>>): readonly RejectionCount[] {
  const reasons = Object.values(declined);
  let left = reasons.length;
  return rejections.map((reason) => {
    const count = reasons.filter((one) => one === reason).length;
    const line = { reason, declined: count, processed: left };
    left -= count;
    return line;
  });
}
