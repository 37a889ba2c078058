import {
  type Address,
  type Family,
  isPrefix,
  type Prefix,
  type PrefixFault,
  parseAddress,
  parseEndpoint,
  parsePrefix,
} from "../util/net";

/** The only family that can be configured yet: a text of another one is refused like one that is no address at all. */
export const configurable: Family = 4;

/** @returns the prefix, or what is wrong with the text */
export function readPrefix(text: string): Prefix | PrefixFault {
  const parsed = parsePrefix(text);
  const { family } = isPrefix(parsed) ? parsed : (parseAddress(text.split("/")[0] ?? "") ?? {});
  return family === configurable ? parsed : { fault: "syntax" };
}

/** @returns undefined when the text is no address that can be configured */
export function readHost(text: string): Address | undefined {
  const parsed = parseAddress(text);
  return parsed?.family === configurable ? parsed : undefined;
}

/** Whether a text is an address that can be configured, with or without a port. */
export function isServer(text: string): boolean {
  const { address = "" } = parseEndpoint(text) ?? {};
  return readHost(address) !== undefined;
}
