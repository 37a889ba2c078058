import { parseAsNumber } from "../../../../util/as-number";
import { formatPrefix, isPrefix, parsePrefix } from "../../../../util/net";

/** The network of `10.0.1.5/24`. */
export function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || !address.includes("/")) return undefined;
  const parsed = parsePrefix(address);
  if (isPrefix(parsed)) return formatPrefix(parsed);
  return parsed.fault === "host-bits" ? parsed.canonical : undefined;
}

/** An AS as Calico reads it; empty is none, and what is no AS to it is given back as it is. */
export function asnOf(text: string | undefined): number | string | undefined {
  if (text === undefined || text === "") return undefined;
  return parseAsNumber(text) ?? text;
}
