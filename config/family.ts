import { type Family, familyOf, isPrefix, parseEndpoint, parsePrefix, sizeOf } from "../util/net";

/** Both IP versions, in the order in which they are told. */
export const families: readonly Family[] = [4, 6];

/** Whether a text is an address that can be configured, with or without a port. */
export function isServer(text: string): boolean {
  return parseEndpoint(text) !== undefined;
}

/** Whether the first range of services has an address for a name server, which is its tenth: /28 or larger, or /124. */
export function hasTenth([range = ""]: readonly string[] = []): boolean {
  const parsed = parsePrefix(range);
  return isPrefix(parsed) && sizeOf(parsed) >= 16n;
}

/** A host as it is written: one address, or one of each family. */
export interface Addressed {
  readonly address?: string | undefined;
  readonly address6?: string | undefined;
}

/** The address of a host in a family; undefined where it has none. */
export function hostAddress({ address, address6 }: Addressed, family: Family): string | undefined {
  if (address !== undefined && familyOf(address) === family) return address;
  return family === 6 ? address6 : undefined;
}

/** The families of ranges, in order. */
export function familiesOf(ranges: readonly string[] | undefined): readonly Family[] {
  return families.filter((family) => (ranges ?? []).some((range) => familyOf(range) === family));
}

/** One of the ranges that is of a family. */
export function rangeIn(ranges: readonly string[] | undefined, family: Family): string | undefined {
  return ranges?.find((range) => familyOf(range) === family);
}
