import type { RouterAsk, RouterTable, RouterTables } from "../../components/ask/router";
import { askRouter, parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import type { Plan } from "../../plan/types";
import { each, type Needed } from "./each";

/** How a reflector of a kind is asked. */
export type RouterKinds = (kind: string | undefined) => RouterAsk;

/** Asks the reflectors for one of their tables. */
export function askReflectors<T>(
  part: "neighbours" | "rib",
  plan: Plan,
  access: Access,
  routerOf: RouterKinds,
  needed: Needed,
  tableOf: (tables: RouterTables) => RouterTable<T>,
): Promise<Record<string, Answer<readonly T[]>>> {
  const asked = Object.entries(access.reflectors).filter(([name]) => needed.has(`${part}/${name}`));
  return each(asked, async ([name, shell]) => {
    const { client, tables } = routerOf(plan.reflectors[name]?.kind);
    const { args, parse } = tableOf(tables);
    return parsed(await askRouter(client, shell, name, args), (text) => parse(text, now()));
  });
}

function now(): number {
  return Date.now() / 1000;
}
