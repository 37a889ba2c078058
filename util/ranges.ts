import { z } from "zod";
import { contains, type Family, familyOf } from "./net";

/** One range, or a list of them: what is one range in most plans is written as a plain text there. */
export type Ranges = z.infer<typeof rangesSchema>;
export const rangesSchema = z.union([z.string(), z.array(z.string()).readonly()]);

/** All of them; none where nothing is said. */
export function listOf(ranges: Ranges | undefined): readonly string[] {
  if (ranges === undefined) return [];
  return typeof ranges === "string" ? [ranges] : ranges;
}

/** One range as a text, several as a list; undefined where there are none. */
export function oneOrList(ranges: readonly string[]): Ranges | undefined {
  const [only, ...more] = ranges;
  return more.length === 0 ? only : ranges;
}

/** The ranges of a COE's containers, in the order of the configuration: the first is the one it began with. */
export function podRanges({ podCidr }: { readonly podCidr: Ranges }): readonly string[] {
  return listOf(podCidr);
}

/** Those of them that containers get new addresses from. */
export function activeRanges(coe: {
  readonly podCidr: Ranges;
  readonly retiring?: readonly string[];
}): readonly string[] {
  const { retiring = [] } = coe;
  return podRanges(coe).filter((range) => !retiring.includes(range));
}

/** The ranges that all container ranges have to be inside of; none where the configuration names none. */
export function supernets({ supernet }: { readonly supernet?: Ranges }): readonly string[] {
  return listOf(supernet);
}

/** The networks of the nodes and the reflectors. */
export function nodeNetworks({ nodeNetwork }: { readonly nodeNetwork: Ranges }): readonly string[] {
  return listOf(nodeNetwork);
}

/** Where containers can be: the supernets, and where there are none the ranges of all COEs. */
export function containerSpace(plan: {
  readonly supernet?: Ranges;
  readonly coes: Readonly<Record<string, { readonly podCidr: Ranges }>>;
}): readonly string[] {
  const named = supernets(plan);
  return named.length > 0 ? named : Object.values(plan.coes).flatMap(podRanges);
}

/** Prefix length of a block of IPv6 where the configuration names none (Calico IPAM). */
export const usualBlockSize6 = 122;

/** Prefix length of the blocks that one node takes of a range. */
export function blockSizeIn(
  coe: { readonly blockSize: number; readonly blockSize6?: number },
  range: string,
): number {
  return familyOf(range) === 6 ? (coe.blockSize6 ?? usualBlockSize6) : coe.blockSize;
}

/** Those of the ranges that are of a family. */
export function inFamily(ranges: readonly string[], family: Family): readonly string[] {
  return ranges.filter((range) => familyOf(range) === family);
}

/** Names of Calico's pools: one where there is one range, else by range. */
export type PoolNames = z.infer<typeof poolNamesSchema>;
export const poolNamesSchema = z.union([z.string(), z.record(z.string(), z.string()).readonly()]);

/** By range, the names of pools. */
export function poolNames(
  ranges: readonly string[],
  names: PoolNames | undefined,
): Readonly<Record<string, string>> {
  if (typeof names !== "string") return names ?? {};
  return Object.fromEntries(ranges.map((range) => [range, names]));
}

/** Whether one of the ranges holds an address or a prefix. */
export function containedIn(ranges: readonly string[], inner: string): boolean {
  return ranges.some((range) => contains(range, inner));
}
