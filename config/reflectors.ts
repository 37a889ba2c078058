import { familyOf, parseAddress } from "../util/net";
import type { Draft } from "./draft";
import { hostAddress } from "./family";
import type { Problem } from "./problems";

/** What is said of a reflector as a BGP speaker, besides its address and AS. */
export function reflectorProblems({ reflectors }: Draft, problems: Problem[]): void {
  const owners = new Map<string, string>();
  for (const [name, reflector] of Object.entries(reflectors)) {
    const path = ["reflectors", name];
    for (const key of ["clusterId", "routerId"] as const) {
      const found = reflector[key];
      if (found !== undefined && !isRouterId(found))
        problems.push({
          path: [...path, key],
          message: `found ${JSON.stringify(found)}; allowed: a number written like an IPv4 address, such as 10.1.0.5; not 0.0.0.0`,
        });
    }
    const id = reflector.routerId ?? hostAddress(reflector, 4);
    const owner = id === undefined ? undefined : owners.get(id);
    if (id !== undefined) owners.set(id, name);
    if (owner !== undefined && reflector.routerId !== undefined)
      problems.push({
        path: [...path, "routerId"],
        message: `found ${id}, which is also the BGP identifier of reflectors.${owner}; allowed: one of its own (RFC 6286)`,
      });
    if (id === undefined && reflector.address !== undefined && familyOf(reflector.address) === 6)
      problems.push({
        path: [...path, "routerId"],
        message:
          "missing; a reflector without an IPv4 address needs a BGP identifier, written like an IPv4 address, that no other router has (RFC 6286), such as 10.1.0.5",
      });
  }
}

/** 32 bits written like an IPv4 address, whatever family the routes are of (RFC 4456); 0.0.0.0 stands for none. */
function isRouterId(text: string): boolean {
  const id = parseAddress(text);
  return id?.family === 4 && id.value !== 0n;
}
