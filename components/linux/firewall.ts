/** The firewall's part on a host: a table of nftables of our own, and what lets packets past Docker's rules. Pure. */
import { addressesOf, admits, announcedPrefixes, type CoePlan, type Plan } from "../../plan";
import { contains, type Family, familyOf, hostPrefix } from "../../util/net";
import { inFamily, podRanges } from "../../util/ranges";
import { bridgeDevice } from "./input";

/** Its name; `inet` is both families. */
export const tableName = "seamless";

/** Who is let in to the containers of a COE; undefined where everybody is. */
export function sourcesOf(plan: Plan, coe: CoePlan): readonly string[] | undefined {
  const { mode, hosts = [] } = coe.policy;
  if (mode === "open") return undefined;
  const coes = Object.values(plan.coes).filter((from) => admits(coe, from));
  const nodes = Object.values(coe.nodes).flatMap((node) => addressesOf(node).map(hostPrefix));
  return [...new Set([...coes.flatMap(podRanges), ...nodes, ...hosts])].sort();
}

export interface FirewallRules {
  /** The host's own ranges. */
  readonly ranges: readonly string[];
  /** Who is let in; undefined where everybody is. */
  readonly sources: readonly string[] | undefined;
  /** Ranges that are reached without NAT; undefined where there is no NAT at all. */
  readonly unmasked: readonly string[] | undefined;
}

export function firewallRules(plan: Plan, coe: CoePlan, ranges: readonly string[]): FirewallRules {
  const all = Object.values(plan.coes).flatMap((one) => [
    ...podRanges(one),
    ...announcedPrefixes(one),
  ]);
  return {
    ranges,
    sources: sourcesOf(plan, coe),
    unmasked: coe.natOutgoing ? [...new Set(all)].sort() : undefined,
  };
}

/**
 * A file for `nft -f`, which makes the table anew in one transaction. It comes before the rules of others: what it drops is
 * gone, what it lets pass they may still drop.
 */
export function renderFirewall(rules: FirewallRules): string {
  const forward = ([4, 6] as const).flatMap((family) => forwardLines(rules, family));
  const nat = ([4, 6] as const).flatMap((family) => natLines(rules, family));
  return `${[
    "# Made by seamless. The next update puts back what is changed here.",
    `table inet ${tableName} {`,
    "}",
    `delete table inet ${tableName}`,
    `table inet ${tableName} {`,
    "  chain forward {",
    "    type filter hook forward priority -10; policy accept;",
    ...forward,
    "  }",
    ...(nat.length === 0
      ? []
      : [
          "  chain postrouting {",
          "    type nat hook postrouting priority 90; policy accept;",
          ...nat,
          "  }",
        ]),
    "}",
  ].join("\n")}\n`;
}

const word = (family: Family) => (family === 4 ? "ip" : "ip6");

function setOf(all: readonly string[]): string {
  return `{ ${all.join(", ")} }`;
}

/** Answers to what containers ask are let in, whoever sends them. */
function forwardLines({ ranges, sources }: FirewallRules, family: Family): string[] {
  const own = inFamily(ranges, family);
  if (sources === undefined || own.length === 0) return [];
  const to = `${word(family)} daddr ${setOf(own)}`;
  const from = withoutOverlap(sources.filter((one) => familyOf(one) === family));
  return [
    `    ${to} ct state established,related accept`,
    ...(from.length === 0 ? [] : [`    ${to} ${word(family)} saddr ${setOf(from)} accept`]),
    `    ${to} drop`,
  ];
}

/** nft takes no set with a range that holds another. */
function withoutOverlap(all: readonly string[]): string[] {
  return all.filter((one) => !all.some((other) => other !== one && contains(other, one)));
}

function natLines({ ranges, unmasked }: FirewallRules, family: Family): string[] {
  const own = inFamily(ranges, family);
  if (unmasked === undefined || own.length === 0) return [];
  const ip = word(family);
  const planned = withoutOverlap(inFamily(unmasked, family));
  return [
    `    ${ip} saddr ${setOf(own)} ${ip} daddr != ${setOf(planned)} oifname != "${bridgeDevice}" masquerade`,
  ];
}
