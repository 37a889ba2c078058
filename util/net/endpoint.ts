/** An address with a port, where the text of the address can have colons itself (RFC 3986, RFC 5952 section 6). */
import { parseAddress } from "./address";

export interface Endpoint {
  readonly address: string;
  /** Absent where the text names none. */
  readonly port?: number;
}

/** `172.16.18.32:179`, `[2001:db8::1]:179`; a host's name stays as it is. */
export function withPort(host: string, port: number): string {
  return parseAddress(host)?.family === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads an address alone, or one with a port as withPort writes it; undefined when the text is neither. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (parseAddress(text) !== undefined) return { address: text };
  const [, bracketed, plain, digits = ""] =
    /^(?:\[([^\]]*)\]|([^:]*)):([1-9]\d{0,4})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? "";
  const family = bracketed === undefined ? 4 : 6;
  const port = Number(digits);
  return parseAddress(address)?.family === family && port <= 65535 ? { address, port } : undefined;
}
