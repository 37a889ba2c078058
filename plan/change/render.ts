import { spansText } from "../spans";
import type { FencePrefix } from "../types";
import type {
  CoeChange,
  PlanChange,
  RangeChange,
  ReflectorChange,
  SessionChange,
  SessionReset,
} from "./types";

/** The change as `seamless preview --json` prints it: a public format. */
export function changeDocument(change: PlanChange, from: string, to: string) {
  return { schemaVersion: 1, from, to, changes: !isEmpty(change), ...change };
}

/** Whether two plans are the same network. */
export function isEmpty({ sessions, reachStays: _, ...lists }: PlanChange): boolean {
  const { stay: _stay, ...changes } = sessions;
  return [...Object.values(changes), ...Object.values(lists)].every((list) => list.length === 0);
}

/** The change for people; no line where nothing changes. */
export function renderChange(change: PlanChange): string[] {
  if (isEmpty(change)) return [];
  const { sessions, losses } = change;
  return [
    ...section("COEs", change.coes.map(coeLine)),
    ...section("reflectors", change.reflectors.map(reflectorLine)),
    ...section("sessions", [
      ...sessionLines("+", sessions.added),
      ...sessionLines("-", sessions.removed),
      ...sessionLines("!", sessions.reset.map(resetLine), "reset: "),
      ...sessionLines("~", sessions.tuned, "stays up: "),
    ]),
    ...section("ranges", change.ranges.map(rangeLine)),
    ...section("acceptances", change.acceptances.flatMap(acceptanceLines)),
    ...section(
      "let in",
      change.admissions.map(({ coe, before, after }) => `~ ${coe}: ${before} -> ${after}`),
    ),
    ...section(
      "other networks",
      change.outgoing.map(
        ({ coe, nat }) =>
          `~ containers of ${coe} reach networks outside the plan with ${nat ? "their node's" : "their own"} address`,
      ),
    ),
    ...section("reach", reachLines(change.reach)),
    ...section(
      "restarts",
      change.restarts.map(
        ({ coe, range, to }) =>
          `! containers of ${coe} with addresses of ${range}, to get addresses of ${to.join(", ") || "another pool"}`,
      ),
    ),
    ...section(
      "refused",
      change.refusals.map(
        ({ coe, when, allowedBy }) => `! ${coe}: while ${when}; allowed: ${allowedBy}`,
      ),
    ),
    ...section(
      "loss expected",
      losses.map(
        ({ what, why, instead, allowedBy }) =>
          `! ${what}: ${why}${instead === undefined ? "" : `; without loss: ${instead}`}${allowedBy === undefined ? "" : ` (asked for by ${allowedBy})`}`,
      ),
    ),
    summary(change),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** What stays, and whether packets are lost: the line that is always there. */
function summary({ sessions, reachStays, losses }: PlanChange): string {
  const [up, pairs] = [counted(sessions.stay, "session"), counted(reachStays, "pair")];
  const stay = `${up} ${sessions.stay === 1 ? "stays" : "stay"} up, ${pairs} of COEs ${reachStays === 1 ? "reaches" : "reach"} each other as before`;
  return `${stay}; ${losses.length === 0 ? "no loss expected" : "loss expected"}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function coeLine({ coe, change }: CoeChange): string {
  return change === "joins"
    ? `+ ${coe} joins; what changes inside it: seamless inspect --coe ${coe}`
    : `- ${coe} leaves`;
}

function resetLine({ session, why, keepsRoutes }: SessionReset): SessionChange {
  return {
    session,
    why: keepsRoutes ? [`${why.join(", ")}; nodes keep their routes meanwhile`] : why,
  };
}

function reflectorLine({ reflector, change, why }: ReflectorChange): string {
  const sign = change === "added" ? "+" : change === "removed" ? "-" : "!";
  return `${sign} ${reflector} is ${change}${why.length === 0 ? "" : `: ${why.join(", ")}`}`;
}

/** How many names a line has before it counts the rest. */
const most = 4;

/** Sessions that change for one reason are one line. */
function sessionLines(sign: string, changes: readonly SessionChange[], note = ""): string[] {
  const groups = new Map<string, string[]>();
  for (const { session, why } of changes) {
    const reason = why.join(", ");
    groups.set(reason, [...(groups.get(reason) ?? []), session]);
  }
  return [...groups].map(
    ([reason, sessions]) =>
      `${sign} ${counted(sessions.length, "session")} ${listed(sessions)}: ${note}${reason}`,
  );
}

/** Pairs that change for one reason are one line. */
function reachLines(reach: PlanChange["reach"]): string[] {
  const groups = new Map<string, string[]>();
  for (const { from, to, before, after, change, why } of reach) {
    const gained = change === "gained";
    const what = `${gained ? "+" : "-"} ${before} -> ${after}; ${gained ? "before" : "then"}: ${why}`;
    const pair = from === to ? `within ${from}` : `${from} -> ${to}`;
    groups.set(what, [...(groups.get(what) ?? []), pair]);
  }
  return [...groups].map(([what, pairs]) => what.replace(" ", () => ` ${listed(pairs)}: `));
}

function listed(names: readonly string[]): string {
  const rest = names.length - most;
  const shown = names.slice(0, most).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function rangeLine({ coe, range, use, change, blocks }: RangeChange): string {
  const room = blocks === undefined ? "" : `, ${blocks.count} blocks of /${blocks.length}`;
  const what = `${coe} ${range} for ${use === "containers" ? use : `services (${use})`}${room}`;
  const lines = {
    announced: `+ ${what}: announced`,
    withdrawn: `- ${what}: withdrawn`,
    retired: `~ ${what}: retires; its blocks stay announced, and it gives no new addresses`,
    returned: `~ ${what}: gives new addresses again`,
  } as const;
  return lines[change];
}

function acceptanceLines({
  coe,
  nodes,
  widened,
  narrowed,
}: PlanChange["acceptances"][number]): string[] {
  const [only = ""] = nodes;
  const from = nodes.length === 1 ? only : `${nodes.length} nodes of ${coe}`;
  const line = (sign: string, verb: string, prefixes: readonly FencePrefix[]) =>
    prefixes.length === 0 ? [] : [`${sign} from ${from}: ${spansText(prefixes)} ${verb}`];
  return [
    ...line("+", "accepted before COEs move", widened),
    ...line("-", "refused afterwards", narrowed),
  ];
}
