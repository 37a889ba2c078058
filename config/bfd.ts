import type { Draft } from "./draft";
import { bfdMissing, type Kinds, kindOf } from "./kind";
import type { Problem } from "./problems";

/** BFD that is asked for where no session can have it, with what each end lacks. */
export function* bfdProblems(config: Draft, kinds: Kinds): Iterable<Problem> {
  if (config.network.bfd !== true) return;
  const routers = Object.entries(config.reflectors).map(([name, { kind }]) => {
    const facts = kindOf(kinds.reflectors, kind);
    return { name, kind: kind ?? "", facts, why: facts?.noBfd };
  });
  const coes = Object.entries(config.coes).map(([name, coe]) => {
    const facts = kindOf(kinds.coes, coe.kind);
    const speaker = coe.speaker ?? facts?.defaultSpeaker ?? "";
    return { name, kind: speaker, facts, why: bfdMissing(facts, coe) };
  });
  const mesh = config.network.topology === "mesh";
  const sides = mesh ? [coes] : [routers, coes];
  // A kind or a speaker that is none has its own message.
  if (sides.flat().some(({ facts }) => facts === undefined)) return;
  const lacking = sides.find((side) => side.every(({ why }) => why !== undefined));
  if (lacking === undefined) return;
  const said = lacking.map(({ name, kind, why }) => `${name} (${kind}): ${why}`);
  const ends = [
    ...(mesh ? [] : [`reflectors of kind ${able(kinds.reflectors)}`]),
    `nodes that speak BGP by ${ableSpeakers(kinds)}`,
  ];
  yield {
    path: ["network", "bfd"],
    message: `found true, and no session has BFD at both ends: ${said.join("; ")}; allowed: ${ends.join(" with ")}, or leave it out`,
  };
}

function able(kinds: Kinds["reflectors"]): string {
  return orList(Object.entries(kinds).flatMap(([name, { noBfd }]) => (noBfd ? [] : [name])));
}

function ableSpeakers({ coes }: Kinds): string {
  const names = Object.values(coes).flatMap(({ speakers }) =>
    Object.entries(speakers).flatMap(([name, { noBfd }]) => (noBfd ? [] : [name])),
  );
  return orList([...new Set(names)]);
}

function orList(names: readonly string[]): string {
  return [...names]
    .sort()
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ");
}
