import type { CoePlan, DatastoreNode } from "../../plan";
import type { CoeModel } from "../contract/model";
import { dcosModel } from "../dcos/model";
import { kubernetesModel } from "../kubernetes/model";

/**
 * By kind: what the configuration and the plan ask of it. Who stands here is a kind, and needs its other facets. Labs have
 * the ports of their APIs in this order in their states.
 */
export const coeModels = {
  kubernetes: kubernetesModel,
  dcos: dcosModel,
} satisfies Readonly<Record<string, CoeModel>>;

const models: Readonly<Record<string, CoeModel>> = coeModels;

/** Where a datastore of a COE is that takes whoever reaches it; nowhere where it has none. */
export function datastoreNodes(coe: CoePlan): readonly DatastoreNode[] {
  return models[coe.kind]?.datastore?.(coe) ?? [];
}
