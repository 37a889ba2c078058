import type { ReflectorKind } from "../../config/kind";
import type { CoePlan, DatastoreNode } from "../../plan";
import type { CoeModel } from "../contract/model";
import { dcosModel } from "../dcos/model";
import { hostsModel } from "../hosts/model";
import { kubernetesModel } from "../kubernetes/model";
import { nomadModel } from "../nomad/model";
import { openshiftModel } from "../openshift/model";
import { birdModel } from "../reflector/bird/model";
import { externalModel } from "../reflector/external/model";
import { frrModel } from "../reflector/frr/model";
import { gobgpModel } from "../reflector/gobgp/model";
import { swarmModel } from "../swarm/model";

/**
 * By kind: what the configuration and the plan ask of it. Who stands here is a kind, and needs its other facets. Labs have
 * the ports of their APIs in this order in their states.
 */
export const coeModels = {
  kubernetes: kubernetesModel,
  dcos: dcosModel,
  hosts: hostsModel,
  swarm: swarmModel,
  nomad: nomadModel,
  openshift: openshiftModel,
} satisfies Readonly<Record<string, CoeModel>>;

const models: Readonly<Record<string, CoeModel>> = coeModels;

/** By kind of reflector: what the configuration asks of it. Who stands here is a kind, and needs its other facets. */
export const routerModels = {
  bird: birdModel,
  external: externalModel,
  frr: frrModel,
  gobgp: gobgpModel,
} satisfies Readonly<Record<string, ReflectorKind>>;

/** Where a datastore of a COE is that takes whoever reaches it; nowhere where it has none. */
export function datastoreNodes(coe: CoePlan): readonly DatastoreNode[] {
  return models[coe.kind]?.datastore?.(coe) ?? [];
}
