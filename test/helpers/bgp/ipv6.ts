import type { Network, SessionSide } from "../../../plan/propagation/network";
import { formatAddress, parseAddress } from "../../../util/net";

/** What is before an IPv4 address in the IPv6 address that stands for it: 96 bits. */
const space = parseAddress("2001:db8::")?.value ?? 0n;
const more = 96;

/** Identifiers of 32 bits, which have the form of IPv4 addresses in both families (RFC 4456, RFC 6286). */
const identifiers = new Set(["routerId", "clusterId"]);
const lengths = new Set(["minLength", "maxLength"]);

/**
 * A network of IPv4 as one of IPv6: each address and prefix by its like. One thing is made sure of beside that: BIRD 2 says which
 * next hop it sends to another AS. Where nothing is said it sends the gateway, and in IPv6 itself where that is a link-local
 * address, which depends on who has sent the path; the model does not know that.
 */
export function asIpv6({ routers, ...network }: Network): Network {
  const sure = (one: SessionSide, other: SessionSide): SessionSide => {
    const [own, far] = [routers[one.router], routers[other.router]];
    return own?.kind === "bird" && own.asn !== far?.asn ? { nextHop: "self", ...one } : one;
  };
  const sessions = Object.entries(network.sessions).map(([name, { a, b, ...rest }]) => [
    name,
    { ...rest, a: sure(a, b), b: sure(b, a) },
  ]);
  return translated({ ...network, routers, sessions: Object.fromEntries(sessions) });
}

function translated(network: Network): Network {
  return JSON.parse(JSON.stringify(network), (key, value: unknown) => {
    if (lengths.has(key) && typeof value === "number") return value + more;
    if (identifiers.has(key) || typeof value !== "string") return value;
    const [address = "", length] = value.split("/");
    if (parseAddress(address)?.family !== 4) return value;
    return length === undefined ? likeOf(address) : `${likeOf(address)}/${Number(length) + more}`;
  });
}

/** The IPv6 address that stands for one of IPv4. */
export function likeOf(address: string): string {
  return formatAddress({ family: 6, value: space + (parseAddress(address)?.value ?? 0n) });
}
