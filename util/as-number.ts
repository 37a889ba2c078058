/**
 * Reads an AS number as Calico does (ASNumberFromString of its API): decimal digits, or two halves of 16 bits with a dot
 * between them (RFC 5396, asdot+). No sign, no hexadecimal, no spaces.
 * @returns undefined for everything else, and for a number beyond 32 bits
 */
export function parseAsNumber(text: string): number | undefined {
  const whole = unsigned(text, 32);
  if (whole !== undefined) return whole;
  const [high, low, ...more] = text.split(".").map((half) => unsigned(half, 16));
  if (high === undefined || low === undefined || more.length > 0) return undefined;
  return high * 65536 + low;
}

function unsigned(text: string, bits: number): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value < 2 ** bits ? value : undefined;
}
