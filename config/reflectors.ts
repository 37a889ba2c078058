import { parseAddress } from "../util/net";
import type { Draft } from "./draft";
import type { Problem } from "./problems";

/** What is said of a reflector as a BGP speaker, besides its address and AS. */
export function reflectorProblems({ reflectors }: Draft, problems: Problem[]): void {
  for (const [name, { clusterId }] of Object.entries(reflectors)) {
    const path = ["reflectors", name];
    if (clusterId !== undefined && !isRouterId(clusterId))
      problems.push({
        path: [...path, "clusterId"],
        message: `found ${JSON.stringify(clusterId)}; allowed: a number written like an IPv4 address, such as 10.1.0.5; not 0.0.0.0`,
      });
  }
}

/** 32 bits written like an IPv4 address, whatever family the routes are of (RFC 4456); 0.0.0.0 stands for none. */
function isRouterId(text: string): boolean {
  const id = parseAddress(text);
  return id?.family === 4 && id.value !== 0n;
}
