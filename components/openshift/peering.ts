import { local } from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { familiesOfCoe } from "../../plan/one-family";
import {
  type ClusterEndpoints,
  makeProbe,
  passwordSecretData,
  providerSettings,
  secretKubeconfig,
} from "../cluster/deploy";
import type { CoeArgs } from "../contract/deploy";
import { UpdateOrder } from "../order";
import type { FrrInspectInput } from "../speakers/frr-k8s/inspect/input";
import { plannedCoe } from "../speakers/frr-k8s/objects";
import { passwordSecrets, secretOf, secretResource } from "../speakers/frr-k8s/passwords";
import { frrNamespace } from "./model";
import { networkOperator, networkSpec, routeAdvertisements, templatesOf } from "./objects";

const annotations = { "pulumi.com/patchForce": "true" };

/** Joins one OpenShift cluster to the plan: its operator's switches, templates for FRR-K8s, and what is advertised. */
export class OpenshiftPeering extends ComponentResource {
  constructor(
    name: string,
    args: Omit<CoeArgs<ClusterEndpoints>, "given">,
    options?: ComponentResourceOptions,
  ) {
    const { plan, coe, access, probe, bgpPasswords = {}, order = new UpdateOrder() } = args;
    super("seamless:index:OpenshiftPeering", name, { coe: plan.coes[coe] }, options);
    const own = plannedCoe(plan, coe);
    const objects = templatesOf(plan, coe);
    const context = access.context === undefined ? {} : { context: access.context };
    const input: FrrInspectInput = { coe: own, objects, ...context };
    const look = new local.Command(
      `${name}-inspect`,
      {
        create: "bin/seamless internal openshift-inspect",
        stdin: JSON.stringify(input, null, 2),
        ...secretKubeconfig(access),
      },
      { parent: this },
    );
    order.looked.add(look);
    const provider = new k8s.Provider(
      `${name}-cluster`,
      {
        ...providerSettings(coe, access),
        // FRR-K8s follows a changed password, and would have none while the Secret is made anew.
        enableSecretMutable: true,
      },
      { parent: this },
    );
    const ready = async (...more: Resource[]) =>
      order.widened.and(...(await order.looked.and(...more)));
    // Of the operator's only object, our fields alone: with the stack they go, where nobody else has set them.
    const operator = new k8s.apiextensions.CustomResourcePatch(
      `${name}-network`,
      {
        ...networkOperator,
        metadata: { ...networkOperator.metadata, annotations },
        spec: networkSpec,
      },
      { parent: this, provider, dependsOn: ready() },
    );
    const rolledOut = new local.Command(
      `${name}-ready`,
      {
        create: "bin/seamless internal openshift-ready",
        stdin: JSON.stringify({ name: coe, ...context }),
        ...secretKubeconfig(access),
      },
      { parent: this, dependsOn: operator },
    );
    const made = { parent: this, provider, dependsOn: rolledOut };
    const secrets = passwordSecrets(plan, own).map((one) => {
      const data = passwordSecretData(bgpPasswords, one.password);
      return new k8s.core.v1.Secret(
        secretResource(name, one),
        { ...secretOf(one, frrNamespace), data },
        made,
      );
    });
    const configurations = objects.map(
      ({ apiVersion, kind, metadata, spec }) =>
        new k8s.apiextensions.CustomResource(
          `${name}-${metadata.name}`,
          { apiVersion, kind, metadata: { ...metadata, annotations }, spec },
          { ...made, dependsOn: [rolledOut, ...secrets] },
        ),
    );
    const advertised = routeAdvertisements();
    const advertisements = new k8s.apiextensions.CustomResource(
      `${name}-advertisements`,
      { ...advertised, metadata: { ...advertised.metadata, annotations } },
      { ...made, dependsOn: configurations },
    );
    order.moved.add(operator, rolledOut, ...secrets, ...configurations, advertisements);
    if (probe !== undefined) {
      const where = { parent: this, provider, ready: ready(), after: [advertisements] };
      makeProbe(name, {
        ...{ probe, coe: own, families: familiesOfCoe(own), ownUsers: true },
        ...where,
      });
    }
    if (args.order === undefined) order.close();
    this.registerOutputs({});
  }
}
