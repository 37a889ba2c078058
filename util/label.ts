import { exitCode, SeamlessError } from "./errors";

const pattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** What a DNS label is (RFC 1123), as the end of a message. */
export const labelRule = "a DNS label: 1 to 63 of a-z, 0-9 and -, no - at either end (RFC 1123)";

export function isLabel(name: string): boolean {
  return pattern.test(name);
}

/**
 * The same name, once it can be part of a path: what is made and removed by it stays where it belongs.
 * @param what whose name it is, such as `lab`
 * @throws SeamlessError when it is no DNS label
 */
export function label(what: string, name: string): string {
  if (isLabel(name)) return name;
  throw new SeamlessError(
    `${what}: found the name ${JSON.stringify(name)}; allowed: ${labelRule}`,
    exitCode.usage,
  );
}
