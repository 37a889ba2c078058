/** The two families of a plan: whose address of which a session, a fence or a route has. */
import { type Family, familyOf } from "../util/net";
import type { AddressFamily, FencePlan, Plan } from "./types";

/** In the order in which they are told. */
export const families: readonly Family[] = [4, 6];

/** A host with one address, or one of each family. */
export interface Addressed {
  readonly address: string;
  readonly address6?: string;
}

/** The address of a host in a family; undefined where it has none. */
export function addressOf({ address, address6 }: Addressed, family: Family): string | undefined {
  if (familyOf(address) === family) return address;
  return family === 6 ? address6 : undefined;
}

/** The gateway of a rack in a family; undefined where it is not known. */
export function gatewayOf(
  { gateway, gateway6 }: { readonly gateway?: string; readonly gateway6?: string },
  family: Family,
): string | undefined {
  if (gateway !== undefined && familyOf(gateway) === family) return gateway;
  return family === 6 ? gateway6 : undefined;
}

/** All addresses of a host. */
export function addressesOf({ address, address6 }: Addressed): readonly string[] {
  return address6 === undefined ? [address] : [address, address6];
}

/** What a session carries that runs between addresses of a family. */
export const familyName: Readonly<Record<Family, AddressFamily>> = {
  4: "ipv4-unicast",
  6: "ipv6-unicast",
};

/** The key of what is about a node or a session in a family: that of IPv4 is the plain one. */
export function keyIn(name: string, family: Family): string {
  return family === 6 ? `${name}/ipv6` : name;
}

/** What the reflectors accept from a node by a session with that address of the node. */
export function fenceAt(
  { fences }: Pick<Plan, "fences">,
  { id, address }: { readonly id: string; readonly address: string },
): FencePlan | undefined {
  return fences[keyIn(id, familyOf(address) ?? 4)];
}

/** What a node may announce, in both families; nothing where it does not speak BGP. */
export function announceable(
  { fences }: Pick<Plan, "fences">,
  { id }: { readonly id: string },
): FencePlan["prefixes"] {
  return families.flatMap((family) => fences[keyIn(id, family)]?.prefixes ?? []);
}

/** The name of a fence, which is its key in the plan. */
export function fenceName({ node, address }: Pick<FencePlan, "node" | "address">): string {
  return keyIn(node, familyOf(address) ?? 4);
}

/** BGP identifier of a router (RFC 4271). */
export function routerIdOf(router: Addressed & { readonly routerId?: string }): string {
  return router.routerId ?? router.address;
}
