import { ConfigError, locatorOf } from "../config/problems";
import type { Config } from "../config/types";
import { deadEnds, type Traits } from "./propagation";
import type { Plan } from "./types";

/** @throws ConfigError with every sort of node that would not get the routes of another one, and where their path ends */
export function refuseDeadEnds(config: Config, plan: Plan, traits: Traits): void {
  const problems = deadEnds(plan, traits).map(({ from, to, session, reason }) => {
    const [coe = "", ...node] = to.split("/");
    return {
      path: ["coes", coe, "nodes", node.join("/"), "asn"],
      message: `routes of ${from} would not reach ${to}: their path ends at the session ${session}, where ${reason}; allowed: the reflector's AS, or another AS from which paths arrive`,
    };
  });
  if (problems.length > 0) throw new ConfigError(problems, locatorOf(config));
}
