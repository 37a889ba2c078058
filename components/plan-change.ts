import { changeBetween, type PlanChange, type TakeOver } from "../plan/change";
import type { Plan } from "../plan/types";
import { routerTraits } from "./kinds/traits";
import { renderExternal } from "./reflector/external/render";
import { isOwnKind, routerKind } from "./reflector/kinds";

/** What an update from one plan to another changes, with what the kinds of routers know. */
export function planChange(before: Plan, after: Plan): PlanChange {
  return changeBetween(before, after, { traits: routerTraits, takeOver });
}

/** By the kind's own files and steps, as the update goes through them while all neighbours are up. */
function takeOver(name: string, before: Plan, after: Plan): TakeOver {
  const [was, is] = [before.reflectors[name], after.reflectors[name]];
  if (was === undefined || is === undefined) return { restarts: false, resets: new Set() };
  if (!isOwnKind(is.kind)) {
    const [current, next] = [renderExternal(before, was), renderExternal(after, is)];
    return { restarts: false, resets: new Set(), ...(current === next ? {} : { byOwner: true }) };
  }
  const kind = routerKind(is.kind);
  const [current, next] = [kind.render(before, was), kind.render(after, is)];
  const [old, planned] = [kind.describe(current), kind.describe(next)];
  const running = Object.fromEntries(
    Object.entries(old.neighbors).map(([address, neighbour]) => [
      address,
      { ...neighbour, established: true },
    ]),
  );
  // A restart is the only step there is then, and later ones are long to make.
  const [first] = kind.steps(current, next, running);
  const resets = Object.entries(planned.neighbors).flatMap(([address, { lasting }]) => {
    const has = old.neighbors[address];
    return has !== undefined && has.lasting !== lasting ? [address] : [];
  });
  return { restarts: first?.by === "restart", resets: new Set(resets) };
}
