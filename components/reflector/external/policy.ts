import type { RouterConfig, RouterNeighbor } from "../routing";
import { hostOf, indented, isExternal, lengths, listWord, nameOf, resetLines } from "./names";

/** In what the languages that are like Cisco's differ where they say what is accepted. */
export interface PolicyWords {
  /** What stands in front of the lines of a route map. */
  readonly indent: string;
  /** From one number of a prefix list to the next. */
  readonly step: number;
  /** The line that takes paths of one AS at most. */
  readonly oneAs: string;
  /** Lines of the route map of what is sent, beside those of all. Default: none. */
  sent?(one: RouterNeighbor): readonly string[];
}

/** What a router accepts from a neighbour, and how what it sends is changed. */
export function policyLines(
  words: PolicyWords,
  config: RouterConfig,
  one: RouterNeighbor,
): string[] {
  const { indent, step, oneAs } = words;
  const [from, to, hop] = (["from", "to", "hop"] as const).map((what) => nameOf(what, one.address));
  const word = listWord(one.address);
  const matches = [
    `match ${word} address prefix-list ${from}`,
    `match ${word} next-hop prefix-list ${hop}`,
    ...(isExternal(config, one) ? [oneAs] : []),
  ];
  const sent = [
    ...(words.sent?.(one) ?? []),
    ...(one.noAdvertise === undefined ? [] : ["set community no-advertise additive"]),
  ];
  const lists = one.accepts.map(
    (pattern, at) =>
      `${word} prefix-list ${from} seq ${(at + 1) * step} permit ${lengths(pattern)}`,
  );
  const accepted = [
    `${word} prefix-list ${hop} seq ${step} permit ${hostOf(one.address)}`,
    `route-map ${from} permit 10`,
    ...indented([...matches, ...resetLines(one)], indent),
  ];
  return [
    ...lists,
    // A route map without a list to match would take everything.
    ...(lists.length === 0 ? [`route-map ${from} deny 10`] : accepted),
    `route-map ${to} permit 10`,
    ...indented(sent, indent),
  ];
}
