import { parseAddress } from "../util/cidr";
import type { Draft } from "./draft";
import { dotted, type Problem } from "./problems";

/** What is said of a reflector as a BGP speaker, besides its address and AS. */
export function reflectorProblems({ reflectors, coes }: Draft, problems: Problem[]): void {
  const old = Object.entries(coes).find(([, { calicoApi }]) => calicoApi === "v1");
  for (const [name, { clusterId, port }] of Object.entries(reflectors)) {
    const path = ["reflectors", name];
    // Not 0.0.0.0, which stands for none.
    if (clusterId !== undefined && !parseAddress(clusterId))
      problems.push({
        path: [...path, "clusterId"],
        message: `found ${JSON.stringify(clusterId)}; allowed: a number written like an IPv4 address, such as 10.1.0.5; not 0.0.0.0`,
      });
    if (old !== undefined && port !== undefined && port !== 179)
      problems.push({
        path: [...path, "port"],
        message: `found ${port}; peers of ${dotted(["coes", old[0]])} (calicoApi v1) have no port; allowed: 179`,
      });
  }
}
