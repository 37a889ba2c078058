import type { EdgeState } from "../graph";
import type { Plan } from "../plan/types";
import { isUp } from "../verify/ends";
import { neighbourTable, ribTable } from "../verify/report";
import { writeRoute } from "../verify/route";
import type { Observation } from "../verify/types";
import { details, type Html, html, table } from "./html";

/** What the running parts said, as the tools print it that an engineer would ask them by. */
export function liveSection(seen: Observation): Html[] {
  return [
    ...Object.entries(seen.neighbours).map(([name, answer]) =>
      said(`${name}: neighbours`, answer.ok ? neighbourTable(answer.value) : [answer.error]),
    ),
    ...Object.entries(seen.rib).map(([name, answer]) =>
      said(`${name}: RIB`, answer.ok ? ribTable(answer.value) : [answer.error]),
    ),
    ...Object.entries(seen.routes).map(([node, answer]) =>
      said(
        `${node}: routes of the kernel`,
        answer.ok ? answer.value.map(writeRoute) : [answer.error],
      ),
    ),
    table(
      "GETs between containers",
      ["From", "To", "URL", "Answer"],
      Object.values(seen.fetches).map(({ from, to, answer }) => [
        `${from.name} (${from.address} on ${from.node})`,
        `${to.name} (${to.address} on ${to.node})`,
        answer.asked,
        answer.ok ? `the server saw ${answer.value.client}` : answer.error,
      ]),
    ),
  ];
}

function said(title: string, lines: readonly string[]): Html {
  return details(title, html`<pre tabindex="0">${lines.map((line) => html`${line}`)}</pre>`);
}

/** By name of the session, whether its ends have it up: the reflector, or both nodes; unknown where nobody answered. */
export function sessionStates(plan: Plan, seen: Observation): Readonly<Record<string, EdgeState>> {
  return Object.fromEntries(
    Object.values(plan.sessions).map((session): [string, EdgeState] => {
      const up = isUp(plan, session, seen);
      return [session.name, up === undefined ? "unknown" : up ? "up" : "down"];
    }),
  );
}
