import { local } from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { familiesOfCoe } from "../../../plan/one-family";
import {
  type ClusterEndpoints,
  makeProbe,
  passwordSecretData,
  providerSettings,
  secretKubeconfig,
} from "../../cluster/deploy";
import { frrNamespaceOf } from "../../cluster/model/frr-namespace";
import type { CoeArgs } from "../../contract/deploy";
import { UpdateOrder } from "../../order";
import type { FrrInspectInput } from "./inspect/input";
import { frrObjects, plannedCoe } from "./objects";
import { passwordNames, passwordSecrets, secretOf, secretResource } from "./passwords";

/** Takes fields over from whoever has set them before. */
const annotations = { "pulumi.com/patchForce": "true" };

/** Joins one Kubernetes cluster without Calico to the plan: objects of FRR-K8s by the Kubernetes API, and the probe. */
export class FrrPeering extends ComponentResource {
  constructor(
    name: string,
    args: Omit<CoeArgs<ClusterEndpoints>, "given">,
    options?: ComponentResourceOptions,
  ) {
    const { plan, coe, access, probe, bgpPasswords = {}, order = new UpdateOrder() } = args;
    super("seamless:index:FrrPeering", name, { coe: plan.coes[coe] }, options);
    const own = plannedCoe(plan, coe);
    const objects = frrObjects(plan, coe);
    const { context } = access;
    const input: FrrInspectInput = {
      coe: own,
      objects,
      ...(context === undefined ? {} : { context }),
    };
    const look = new local.Command(
      `${name}-inspect`,
      {
        create: "bin/seamless internal frr-inspect",
        stdin: JSON.stringify(input, null, 2),
        ...secretKubeconfig(access),
      },
      { parent: this },
    );
    order.looked.add(look);
    const ready = async (...more: Resource[]) =>
      order.widened.and(...(await order.looked.and(...more)));
    const passwords = passwordNames(plan, own);
    const provider = new k8s.Provider(
      `${name}-cluster`,
      {
        ...providerSettings(coe, access),
        // FRR-K8s follows a changed password, and would have none while the Secret is made anew.
        ...(passwords.length === 0 ? {} : { enableSecretMutable: true }),
      },
      { parent: this },
    );
    const { turns } = order;
    const secrets = passwordSecrets(plan, own).map((one) => {
      const { password, reflector = "" } = one;
      const data = passwordSecretData(bgpPasswords, password);
      // Nodes get the other password of a reflector's sessions as soon as it has it, and before the next reflector changes.
      const resource = turns.has(reflector) ? args.reflectors?.[reflector]?.resource : undefined;
      const made = new k8s.core.v1.Secret(
        secretResource(name, one),
        { ...secretOf(one, frrNamespaceOf(own)), data },
        {
          ...{ parent: this, provider, ...turns.keying(reflector, coe) },
          dependsOn: resource === undefined ? ready() : order.looked.and(resource),
        },
      );
      if (resource !== undefined) turns.add(reflector, made);
      return made;
    });
    const configurations = objects.map(
      ({ apiVersion, kind, metadata, spec }) =>
        new k8s.apiextensions.CustomResource(
          `${name}-${metadata.name}`,
          { apiVersion, kind, metadata: { ...metadata, annotations }, spec },
          { parent: this, provider, dependsOn: ready(...secrets) },
        ),
    );
    order.moved.add(...secrets, ...configurations);
    if (probe !== undefined) {
      const made = { parent: this, provider, ready: ready(), after: configurations };
      makeProbe(name, { probe, coe: own, families: familiesOfCoe(own), ...made });
    }
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }
}
