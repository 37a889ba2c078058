/**
 * The name Calico gives the v3 object of a v1 object that was known by an address or range only
 * ("Converting Calico v1 resources": `.`, `:` and `/` become `-`). Used for pools and peers, so that a
 * cluster converted from v1 has the same objects and not a second peer for one address, which BIRD refuses;
 * and since Calico does not allow a pool's range to change, a new range is a new pool, made before the old one goes.
 */
export function nameOfAddress(address: string): string {
  return address.replace(/[.:/]/g, "-");
}

/** Name of the Secret with passwords of BGP sessions, in the namespace of calico-node; its keys are their names in the plan. */
export const passwordSecret = "seamless-bgp";

/** The same for one reflector, where there are several. */
export function passwordSecretFor(reflector: string): string {
  return `${passwordSecret}-${reflector}`;
}
