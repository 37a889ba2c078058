import { type Prefix, prefix, within } from "../util/net";
import type { FencePrefix } from "./types";

/** Spans in words, those of one range together: `10.0.0.0/16 /26 or /32`. */
export function spansText(spans: readonly FencePrefix[]): string {
  const ranges = new Map<string, string[]>();
  for (const { cidr, minLength, maxLength } of spans) {
    const lengths = `/${minLength}${minLength === maxLength ? "" : ` to /${maxLength}`}`;
    ranges.set(cidr, [...(ranges.get(cidr) ?? []), lengths]);
  }
  return [...ranges].map(([cidr, lengths]) => `${cidr} ${lengths.join(" or ")}`).join(", ");
}

/** Whether a prefix is in a span. */
export function inSpan({ cidr, minLength, maxLength }: FencePrefix, one: Prefix): boolean {
  const { length } = one;
  return within(prefix(cidr), one) && minLength <= length && length <= maxLength;
}
