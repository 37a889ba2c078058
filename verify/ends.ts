import type { Plan, SessionEnd, SessionPlan } from "../plan/types";
import type { Need, Observation } from "./types";

/** Whether a router of the plan is a reflector; the others are nodes. */
export function isReflector({ reflectors }: Pick<Plan, "reflectors">, id: string): boolean {
  return reflectors[id] !== undefined;
}

/** The planned sessions of a router, each with its far end. */
export function sessionsAt(
  { sessions }: Plan,
  router: string,
): { readonly session: SessionPlan; readonly far: SessionEnd }[] {
  return Object.values(sessions).flatMap((session) => {
    const { a, b } = session;
    if (a.id === router) return [{ session, far: b }];
    return b.id === router ? [{ session, far: a }] : [];
  });
}

/** Whether a router is a reflector that nobody can ask: its sessions are seen from the nodes. */
function isUnread({ reflectors }: Plan, id: string): boolean {
  return reflectors[id]?.unread === true;
}

/** Who is asked for the state of a session: the reflector that it is with, or both nodes. */
export function sessionNeeds(plan: Plan, { a, b, password }: SessionPlan): Need[] {
  const signed: Need[] = password === undefined ? [] : [`signatures/${b.id}`];
  if (isUnread(plan, a.id)) return [`speakers/${b.id}`, ...signed];
  return isReflector(plan, a.id)
    ? [`neighbours/${a.id}`, ...signed]
    : [`speakers/${a.id}`, `speakers/${b.id}`];
}

/** Whether a session is Established, as each end has it that tells; undefined where none does. */
export function isUp(plan: Plan, { a, b }: SessionPlan, seen: Observation): boolean | undefined {
  const asked = isReflector(plan, a.id) ? (isUnread(plan, a.id) ? [b] : [a]) : [a, b];
  const words = asked.map((own) => stateAt(plan, own, own === a ? b : a, seen));
  const told = words.filter((state) => state !== undefined);
  return told.length === 0 ? undefined : told.every((state) => state === "Established");
}

/** What a router says of its session with another: a state, or `missing`; undefined where it says nothing. */
function stateAt(
  plan: Plan,
  own: SessionEnd,
  far: SessionEnd,
  seen: Observation,
): string | undefined {
  const answer = isReflector(plan, own.id) ? seen.neighbours[own.id] : seen.speakers[own.id];
  if (answer?.ok !== true) return undefined;
  const all = "sessions" in answer.value ? answer.value.sessions : answer.value;
  return all.find(({ address }) => address === far.address)?.state ?? "missing";
}

/** Both ends are of COEs that are deployed. */
export function isDeployed(plan: Plan, { a, b }: SessionPlan): boolean {
  return [a, b].every(({ id }) => isReflector(plan, id) || plan.coes[coeOf(id)]?.deployed === true);
}

export function coeOf(node: string): string {
  return node.slice(0, node.indexOf("/"));
}
