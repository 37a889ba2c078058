/** What the FRR of a host works with otherwise than its file. */
import type { Asker, RouterState } from "../ask/router";
import { describeFrr } from "../reflector/frr/file";
import { frrQuestions, frrStateOf } from "../reflector/frr/state";
import { type FrrText, parseFrrText, profileText } from "../reflector/frr/text";
import { differences } from "../reflector/reload";

/** @param planned with marks in place of passwords where these are not known: then it matters only whether there is one */
export async function frrWrong(daemon: Asker, planned: string): Promise<string[]> {
  const said = await daemon.ask(frrQuestions);
  const file = describeFrr(planned);
  const known = !planned.includes(" password seamless:");
  const expected = known ? file : { ...file, neighbors: unread(file.neighbors) };
  const state = frrStateOf(said);
  const found: RouterState = known ? state : { ...state, neighbors: unread(state.neighbors) };
  const [ours, theirs] = [parseFrrText(planned), parseFrrText(said)];
  const [own, running] = [announced(ours), announced(theirs)];
  return [
    ...differences(expected, found),
    ...watching(ours, theirs),
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

/** In which times of BFD it has others than planned, and what it does otherwise when BFD says that a neighbour is away. */
function watching(planned: FrrText, found: FrrText): string[] {
  const times = [...planned.profiles].flatMap(([name, lines]) => {
    const [expected, has] = [lines, found.profiles.get(name)].map((one) => one && profileText(one));
    return has === expected
      ? []
      : [`BFD profile ${name} has ${has ?? "no times"} instead of ${expected}`];
  });
  const [own, running] = [planned, found].map(watchedIn);
  const kept = [...(own ?? [])].flatMap(([address, line]) => {
    const has = running?.get(address);
    // Whether it has BFD at all is told with its role.
    return has === undefined || has === line
      ? []
      : [`neighbour ${address} has ${has} instead of ${line}`];
  });
  return [...times, ...kept];
}

/** By address: how neighbours are watched, in the words of the file. */
function watchedIn({ neighbors }: FrrText): ReadonlyMap<string, string> {
  const all = [...neighbors].map(([address, places]): [string, string] => [
    address,
    (places.get("") ?? [])
      .filter((line) => /^bfd( |$)/.test(line))
      .sort()
      .join(", "),
  ]);
  return new Map(all.filter(([, line]) => line !== ""));
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
