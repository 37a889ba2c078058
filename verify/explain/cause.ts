import { type Broken, type Explanation, type Link, nameOf, type Standing, type Way } from "./types";

/** Says of each broken link which other it follows from. @param links in the order of the packet's way */
export function withCauses(links: readonly Standing[]): Link[] {
  // A node has several links of a layer; one that is broken counts.
  const sorted = [...links].sort((a, b) => rank(a) - rank(b));
  const byName = new Map(sorted.map((link) => [nameOf(link), link]));
  return links.map((link): Link => {
    const { standsOn, ...own } = link;
    const root = link.status === "broken" ? rootOf(link, byName, new Set()) : undefined;
    return root === undefined || root === link ? own : { ...own, follows: nameOf(root) };
  });
}

function rank({ status }: Link): number {
  return status === "broken" ? 1 : 0;
}

/** The link from which a broken one follows: the first that is broken of those it stands on, and so on; itself where none is. */
function rootOf(
  link: Standing,
  byName: ReadonlyMap<string, Standing>,
  seen: Set<string>,
): Standing {
  seen.add(nameOf(link));
  for (const name of link.standsOn ?? []) {
    const other = byName.get(name);
    if (other?.status === "broken" && !seen.has(name)) return rootOf(other, byName, seen);
  }
  return link;
}

function isCause(link: Link, name: string): boolean {
  return link.status === "broken" && link.follows === undefined && nameOf(link) === name;
}

/** What comes of the ways: the first broken link, or that the way is whole as far as it could be asked. */
export function verdictOf(
  ways: readonly Way[],
  tried?: Link,
): Pick<Explanation, "verdict" | "broken"> {
  for (const { direction, links } of ways) {
    const first = links.find(({ status }) => status === "broken");
    if (first === undefined) continue;
    const name = first.follows ?? nameOf(first);
    const root = links.find((link) => isCause(link, name)) ?? first;
    const consequences = links.filter(({ follows }) => follows === name).map(nameOf);
    const broken: Broken = { direction, ...root, consequences };
    return { verdict: "broken", broken };
  }
  if (tried?.status === "broken")
    return { verdict: "broken", broken: { direction: "there", ...tried, consequences: [] } };
  const unknown = ways.some(({ links }) => links.some(({ status }) => status === "unknown"));
  return { verdict: unknown ? "unknown" : "whole" };
}
