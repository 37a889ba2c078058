import { type PrefixPattern, parseAddress, prefix as prefixIn, widthOf } from "../../../util/net";
import type { RouterConfig, RouterNeighbor } from "../routing";

/** Writes the configuration of one router in the language of its maker. */
export type Dialect = (config: RouterConfig) => string;

/** A name that every maker takes: the longest is of 63 signs, with no dots. */
export function nameOf(what: "from" | "to" | "hop", address: string): string {
  return `${what}-${address.replace(/[.:]+/g, "-")}`;
}

export function familyOf(address: string): 4 | 6 {
  return parseAddress(address)?.family ?? 4;
}

export function isExternal(config: RouterConfig, one: RouterNeighbor): boolean {
  return one.asn !== config.asn;
}

/** The word of `ip prefix-list` and `match ip address`. */
export function listWord(address: string): "ip" | "ipv6" {
  return familyOf(address) === 6 ? "ipv6" : "ip";
}

/** `192.168.0.0/17 ge 26 le 32`, as all that are like Cisco's have it. */
export function lengths({ prefix, min, max }: PrefixPattern): string {
  const { length } = prefixIn(prefix);
  const least = min === length ? "" : ` ge ${min}`;
  return `${prefix}${least}${max === length ? "" : ` le ${max}`}`;
}

/** The prefix of one address. */
export function hostOf(address: string): string {
  return `${address}/${widthOf[familyOf(address)]}`;
}

/** A path of one AS at most, in the regular expressions that are like Cisco's. */
export const oneAs = "^([0-9]+)?$";

/** Seconds of the neighbours' graceful restart; undefined where none has it. */
export function restartTime({ neighbors }: RouterConfig): number | undefined {
  const times = neighbors.flatMap(({ gracefulRestart }) => gracefulRestart?.restart ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

export function indented(lines: readonly string[], by: string): string[] {
  return lines.map((line) => `${by}${line}`);
}

/** The attributes by which a node could have its paths preferred, written anew; all that are like Cisco's have these words. */
export function resetLines({ localPref }: RouterNeighbor): string[] {
  return [
    `set local-preference ${localPref}`,
    "set metric 0",
    "set origin igp",
    "set community none",
  ];
}
