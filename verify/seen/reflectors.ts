import type { RouterAsk, RouterTable, RouterTables } from "../../components/ask/router";
import { askedAs, askRouter, parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import { familiesIn } from "../../plan/one-family";
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
    const { client, tables } = routerOf(askedAs(shell, plan.reflectors[name]?.kind));
    const table = tableOf(tables);
    const asking = (args: readonly string[]) => askRouter(client, shell, name, args);
    return askTable(table, asking, familiesIn(plan).includes(6));
  });
}

/** Asks a daemon for one of its tables, by as many questions as the table takes. @param six whether the plan has IPv6 */
export async function askTable<T>(
  table: RouterTable<T>,
  asking: (args: readonly string[]) => Promise<Answer<string>>,
  six: boolean,
): Promise<Answer<readonly T[]>> {
  return parsed(await whole(table, asking, six), (text) => table.parse(text, now()));
}

/** The answers to all questions of a table, one after the other; it is about the first question, which is shown. */
async function whole<T>(
  { args, args6, more }: RouterTable<T>,
  asking: (args: readonly string[]) => Promise<Answer<string>>,
  six: boolean,
): Promise<Answer<string>> {
  const first = await asking(args);
  const further = parsed(first, (text) => [
    ...(six && args6 !== undefined ? [args6] : []),
    ...(more?.(text, six) ?? []),
  ]);
  if (!first.ok || !further.ok) return first;
  let { value } = first;
  for (const question of further.value) {
    const next = await asking(question);
    if (!next.ok) return next;
    value += next.value;
  }
  return { ...first, value };
}

function now(): number {
  return Date.now() / 1000;
}
