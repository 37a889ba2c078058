import type { CoePlan, Plan } from "../../../plan/types";
import { exitCode, SeamlessError } from "../../../util/errors";
import { frrNamespaceOf } from "../../cluster/model/frr-namespace";
import { nodeConfigurations } from "./configuration";
import type { FRRConfiguration } from "./types";

/**
 * Everything that FRR-K8s of one COE is configured by.
 * @throws SeamlessError when the COE is not in the plan
 */
export function frrObjects(plan: Plan, coe: string): readonly FRRConfiguration[] {
  const own = plannedCoe(plan, coe);
  return nodeConfigurations(plan, own, { namespace: frrNamespaceOf(own), ownRoutes: true });
}

export function plannedCoe({ coes }: Plan, name: string): CoePlan {
  const coe = coes[name];
  if (coe !== undefined) return coe;
  const known = Object.keys(coes).join(", ");
  throw new SeamlessError(`coes.${name}: not in the plan; known: ${known}`, exitCode.usage);
}
