/** What FRR itself works with on a node, which may be older than what FRR-K8s was told. */
import {
  familyOf,
  type PrefixPattern,
  patternsOf,
  prefix as prefixIn,
  setOf,
  widthOf,
} from "../../../../util/net";
import type { ObjectFault } from "../../../ask/types";
import { type FrrText, parseFrrText, patternOf } from "../../../reflector/frr/text";
import type { FRRConfiguration, FrrSelector } from "../types";

/** Asks the FRR of a node; passwords stay there. */
export const askRunning: readonly string[] = [
  ...["sh", "-c"],
  "text=$(vtysh -c 'show running-config bgpd') || exit 1; printf '%s\\n' \"$text\" | sed 's/ password .*//'",
];

/**
 * Neighbours from which a node takes something else than the plan's objects say. FRR-K8s writes its configuration to the running
 * daemons first and to their file then, and looks at neither again: a bgpd that is started in between has the file of before.
 */
export function runningFaults(
  node: string,
  objects: readonly FRRConfiguration[],
  text: string,
): ObjectFault[] {
  const all = parseFrrText(text);
  const neighbours = objects
    .filter(({ spec }) => isFor(spec.nodeSelector, node))
    .flatMap(({ spec }) => spec.bgp.routers.flatMap(({ neighbors }) => neighbors));
  return neighbours
    .filter(({ address }) => all.neighbors.has(address))
    .flatMap(({ address, toReceive }): ObjectFault[] => {
      const found = taken(all, address);
      const expected = wordsOf(toReceive.allowed.prefixes.map(selected));
      if (found === expected) return [];
      return [
        {
          ...{ group: "peers", object: `FRR on ${node}`, filters: "others" },
          found: `it takes ${found} from ${address}`,
          expected: `it takes ${expected} from ${address}, as its FRRConfiguration says`,
          effect:
            "it works with a configuration of before, and takes other routes than the plan says",
          remedy: `restart the pod of FRR-K8s on ${node}, which has it render its configuration again`,
        },
      ];
    });
}

function isFor(selector: FRRConfiguration["spec"]["nodeSelector"], node: string): boolean {
  return (selector?.matchLabels["kubernetes.io/hostname"] ?? node) === node;
}

function selected({ prefix, ge, le }: FrrSelector): PrefixPattern {
  const { length, family } = prefixIn(prefix);
  return { prefix, min: ge ?? length, max: le ?? (ge === undefined ? length : widthOf[family]) };
}

/** What comes in from a neighbour, in its own family. */
function taken(all: FrrText, address: string): string {
  const family = familyOf(address);
  const lines = [...(all.neighbors.get(address)?.values() ?? [])].flat();
  const maps = wordsIn(lines, /^route-map (\S+) in$/);
  const matches = maps.flatMap((map) => [...(all.routeMaps.get(map)?.values() ?? [])].flat());
  const word = family === 6 ? "ipv6" : "ip";
  const lists = wordsIn(matches, new RegExp(`^match ${word} address prefix-list (\\S+)$`));
  const rules = lists.flatMap((list) => all.prefixLists.get(`${word} ${list}`) ?? []);
  if (maps.length === 0 || rules.some(({ text }) => text === "permit any")) return "everything";
  return wordsOf(rules.flatMap((rule) => patternOf(rule, word) ?? []));
}

function wordsIn(lines: readonly string[], pattern: RegExp): string[] {
  return lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
}

/** With as few prefixes as it takes, so that the same is said in the same words. */
function wordsOf(patterns: readonly PrefixPattern[]): string {
  const words = patternsOf(setOf(patterns)).map(({ prefix, min, max }) => {
    const lengths = min === max ? `/${min}` : `/${min} to /${max}`;
    return prefix.endsWith(`/${min}`) && min === max ? prefix : `${prefix} ${lengths}`;
  });
  return words.sort().join(", ") || "nothing";
}
