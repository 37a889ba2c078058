/** What the FRR of a host works with otherwise than its file. */
import type { Asker, RouterState } from "../ask/router";
import { describeFrr } from "../reflector/frr/file";
import { frrQuestions, frrStateOf } from "../reflector/frr/state";
import { type FrrText, parseFrrText } from "../reflector/frr/text";
import { differences } from "../reflector/reload";

/** @param planned with marks in place of passwords where these are not known: then it matters only whether there is one */
export async function frrWrong(daemon: Asker, planned: string): Promise<string[]> {
  const said = await daemon.ask(frrQuestions);
  const file = describeFrr(planned);
  const known = !planned.includes(" password seamless:");
  const expected = known ? file : { ...file, neighbors: unread(file.neighbors) };
  const state = frrStateOf(said);
  const found: RouterState = known ? state : { ...state, neighbors: unread(state.neighbors) };
  const [own, running] = [announced(parseFrrText(planned)), announced(parseFrrText(said))];
  return [
    ...differences(expected, found),
    ...own.filter((line) => !running.includes(line)).map((line) => `not announced ${line}`),
    ...running
      .filter((line) => !own.includes(line))
      .map((line) => `announced but not planned ${line}`),
  ];
}

type Guarded = Readonly<Record<string, { readonly password?: string }>>;

/** The same neighbours, of which nobody knows the password but that there is one. */
function unread<T extends Guarded>(neighbors: T): T;
function unread(neighbors: Guarded): Guarded {
  return Object.fromEntries(
    Object.entries(neighbors).map(([address, one]) => [
      address,
      one.password === undefined ? one : { ...one, password: "" },
    ]),
  );
}

/** What it has by itself, and what it lets out to whom, in lines. */
function announced(all: FrrText): string[] {
  const own = [...all.families].flatMap(([family, lines]) =>
    lines.map((line) => `${line} in ${family}`),
  );
  const out = [...all.neighbors].flatMap(([address, places]) =>
    [...places]
      .filter(([place]) => place !== "")
      .flatMap(([, lines]) => {
        const map = lines.flatMap((line) => /^route-map (\S+) out$/.exec(line)?.[1] ?? [])[0];
        if (map === undefined) return [`to ${address}: everything`];
        return [...(all.routeMaps.get(map) ?? [])].map(
          ([entry, conditions]) => `to ${address}: ${entry} ${listed(all, conditions)}`,
        );
      }),
  );
  return [...own, ...out].sort();
}

function listed(all: FrrText, conditions: readonly string[]): string {
  return conditions
    .map((line) => {
      const [, family, list] = /^match (ip|ipv6) address prefix-list (\S+)$/.exec(line) ?? [];
      if (list === undefined) return line;
      const rules = all.prefixLists.get(`${family} ${list}`) ?? [];
      return rules.map(({ text }) => text).join(", ");
    })
    .join("; ");
}
