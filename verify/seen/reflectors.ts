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
    const six = familiesIn(plan).includes(6);
    return parsed(await whole(table, asking, six), (text) => table.parse(text, now()));
  });
}

/** A table may take a second question. @param six whether the plan has IPv6 */
async function whole<T>(
  { args, args6, more }: RouterTable<T>,
  asking: (args: readonly string[]) => Promise<Answer<string>>,
  six: boolean,
): Promise<Answer<string>> {
  const first = await asking(args);
  const further = parsed(first, (text) => [...(six ? (args6 ?? []) : []), ...(more?.(text) ?? [])]);
  if (!first.ok || !further.ok || further.value.length === 0) return first;
  const second = await asking(further.value);
  return second.ok ? { ...first, value: first.value + second.value } : second;
}

function now(): number {
  return Date.now() / 1000;
}
