import { parseAsNumber } from "../../../../util/as-number";
import { cidr, formatCidr, isRange, parseCidr } from "../../../../util/cidr";

/** The network of `10.0.1.5/24`. */
export function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || !address.includes("/")) return undefined;
  const parsed = parseCidr(address);
  if (isRange(parsed)) return formatCidr(parsed);
  return parsed.fault === "host-bits" ? formatCidr(cidr(parsed.canonical)) : undefined;
}

/** An AS as Calico reads it; empty is none, and what is no AS to it is given back as it is. */
export function asnOf(text: string | undefined): number | string | undefined {
  if (text === undefined || text === "") return undefined;
  return parseAsNumber(text) ?? text;
}
