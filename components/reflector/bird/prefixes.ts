import { type PrefixPattern, parseAddress, runs, widthOf } from "../../../util/net";

/**
 * Reads a set of prefixes as BIRD prints it. It splits prefixes, and writes lengths as an address of which each bit stands
 * for one: `192.168.0.0/20{0.0.0.127}` is 26 to 32.
 * @throws Error when it is no such set
 */
export function parseSet(text: string): PrefixPattern[] {
  const inner = /^\[(.*)\]$/s.exec(text.trim())?.[1];
  if (inner === undefined) throw new Error(`not a set of prefixes: ${text.trim()}`);
  return inner
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .flatMap((one) => {
      const [, prefix = "", mask = ""] = /^(\S+?\/\d+)\{(\S+)\}$/.exec(one) ?? [];
      const bits = parseAddress(mask);
      if (bits === undefined) throw new Error(`not a pattern of prefixes: ${one}`);
      const width = widthOf[bits.family];
      const lengths = Array.from({ length: width }, (_, index) => index + 1).filter(
        (length) => (bits.value >> BigInt(width - length)) % 2n === 1n,
      );
      return runs(lengths).map(([min, max]) => ({ prefix, min, max }));
    });
}
