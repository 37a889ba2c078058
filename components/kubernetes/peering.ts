import * as k8s from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { addressAt } from "../../util/cidr";
import { calicoObjects, calicoPlan } from "../calico/objects";
import type { CalicoObject } from "../calico/types";
import type { CoeArgs } from "../types";
import { KubernetesAddons } from "./addons";
import { storedObject } from "./objects";
import { probeDeployment, probeNamespace, probeService } from "./probe";

/** Joins one Kubernetes cluster to the plan: Calico's objects by the Kubernetes API, and the probe. */
export class KubernetesPeering extends ComponentResource {
  constructor(name: string, args: CoeArgs, options?: ComponentResourceOptions) {
    const { plan, coe, access, probe } = args;
    super("seamless:index:KubernetesPeering", name, { coe: plan.coes[coe] }, options);
    const provider = new k8s.Provider(
      `${name}-cluster`,
      {
        // Without it another address of the API server would replace everything in the cluster.
        clusterIdentifier: `seamless-${coe}`,
        enableServerSideApply: true,
        ...(access.kubeconfig === undefined ? {} : { kubeconfig: access.kubeconfig }),
        ...(access.context === undefined ? {} : { context: access.context }),
      },
      { parent: this },
    );
    const apply = (object: CalicoObject, part: string, dependsOn: Resource[] = []): Resource =>
      new k8s.apiextensions.CustomResource(`${name}-${part}`, storedObject(object), {
        parent: this,
        provider,
        dependsOn,
      });

    const calico = calicoPlan(plan, coe);
    const objects = calicoObjects(calico);
    const pool = apply(objects.pool, "pool");
    const ranges = Object.entries(objects.ranges).map(([part, range]) =>
      apply(range, `range-${part}`),
    );
    const { sets, tier, policy: admission } = objects.admission;
    const needed = [
      ...Object.entries(sets).map(([of, set]) => apply(set, `set-${of}`)),
      ...(tier === undefined ? [] : [apply(tier, "tier")]),
    ];
    const policy = apply(admission, "policy", needed);
    const peers = Object.entries(objects.peers).map(([reflector, peer]) =>
      apply(peer, `peer-${reflector}`),
    );
    // There is one for the whole cluster, and it may be there already and say more: only our fields are set, and given
    // back at the end. The mesh goes off only when the sessions that replace it are configured.
    const configuration = new k8s.apiextensions.CustomResourcePatch(
      `${name}-bgp`,
      storedObject(objects.configuration),
      { parent: this, provider, dependsOn: peers },
    );

    const { addons = {} } = args;
    if (Object.keys(addons).length > 0) {
      const { serviceCidr } = plan.coes[coe] ?? {};
      new KubernetesAddons(
        `${name}-addons`,
        {
          coe,
          addons,
          dnsAddress: serviceCidr === undefined ? undefined : addressAt(serviceCidr, 10),
          provider,
          ...(access.kubeconfig === undefined ? {} : { kubeconfig: access.kubeconfig }),
          ...(access.context === undefined ? {} : { context: access.context }),
        },
        { parent: this, dependsOn: [pool, ...ranges, policy, configuration] },
      );
    }
    if (probe !== undefined) {
      const namespace = new k8s.core.v1.Namespace(`${name}-namespace`, probeNamespace(), {
        parent: this,
        provider,
      });
      const deployment = new k8s.apps.v1.Deployment(`${name}-probe`, probeDeployment(probe), {
        parent: this,
        provider,
        dependsOn: [namespace, pool, ...ranges, policy, configuration],
      });
      const service = probeService(calico.announced);
      if (service !== undefined)
        new k8s.core.v1.Service(`${name}-probe-service`, service, {
          parent: this,
          provider,
          dependsOn: deployment,
        });
    }
    this.registerOutputs({});
  }
}
