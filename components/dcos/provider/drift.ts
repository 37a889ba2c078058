/** What of a running app differs from the one that was rendered. */

import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../../util/json";
import type { Json } from "./inputs";
import { readable } from "./labels";

/** Maps in which every name counts; elsewhere Marathon adds its defaults. */
const whole = ["env", "labels"];
/** Ports for which 0 asks for one that Marathon chooses. */
const assigned = ["ports", "port", "hostPort", "servicePort"];

/**
 * The rendered app with what Marathon runs in place of what differs. What Marathon leaves out because it writes it in
 * another form, such as `uris` and `network`, counts as being as rendered.
 */
export function asItRuns(rendered: Json, live: Json): Json {
  return overlayObjects(rendered, readable(live), []);
}

export function runsAsRendered(rendered: Json, live: Json): boolean {
  return isDeepStrictEqual(asItRuns(rendered, live), rendered);
}

function overlay(rendered: unknown, live: unknown, path: readonly string[]): unknown {
  const name = path.at(-1) ?? "";
  // Marathon makes ids absolute.
  if (path.length === 1 && name === "id" && live === `/${rendered}`) return rendered;
  if (rendered === 0 && assigned.includes(name)) return rendered;
  if (isRecord(rendered) && isRecord(live)) return overlayObjects(rendered, live, path);
  if (Array.isArray(rendered) && Array.isArray(live) && rendered.length === live.length) {
    return rendered.map((one, index) => overlay(one, live[index], path));
  }
  return live;
}

function overlayObjects(rendered: Json, live: Json, path: readonly string[]): Json {
  const exact = path.length === 1 && whole.includes(path[0] ?? "");
  const found = Object.entries(rendered).flatMap(([name, value]): [string, unknown][] => {
    if (name in live) return [[name, overlay(value, live[name], [...path, name])]];
    return exact ? [] : [[name, value]];
  });
  const added = exact ? Object.entries(live).filter(([name]) => !(name in rendered)) : [];
  return Object.fromEntries([...found, ...added]);
}
