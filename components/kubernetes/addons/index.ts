import { randomBytes } from "node:crypto";
import { local } from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Resource,
  secret,
} from "@pulumi/pulumi";
import { kubeconfigVariable } from "../../cluster/kubectl";
import type { Stage } from "../../stage";
import type { AddonsConfig, MetricsAddon } from "../model/config";
import { dashboardObjects } from "./dashboard";
import { storedDashboardPolicy } from "./dashboard-policy";
import { type ClusterDns, dnsObjects } from "./dns";
import { type Documents, makeDocuments } from "./documents";
import { guardInput } from "./guard-input";
import { kubeDns } from "./kube-dns";
import { metricsObjects } from "./metrics";

export interface KubernetesAddonsArgs {
  /** Name of the COE in the plan. */
  readonly coe: string;
  /** Which there are to be; one that is absent is left alone. */
  readonly addons: AddonsConfig;
  /** Address of the name server's service, which the kubelets give to pods: by convention the tenth of the range. */
  readonly dnsAddress: string | undefined;
  /** By zone, the name servers of other COEs, which the name server asks. */
  readonly forwards: Readonly<Record<string, readonly string[]>>;
  /** Ranges of hosts that API servers are on: they lead users to a dashboard. */
  readonly apiServers: readonly string[];
  readonly provider: k8s.Provider;
  /** Kubeconfig text; a secret. Default: the user's own. */
  readonly kubeconfig?: Input<string>;
  /** Context in it. Default: its current one. */
  readonly context?: string;
  /** The looks at everything; this one's is among them. */
  readonly looked: Stage;
  /** What has to be there before any object is made. */
  readonly after: readonly Resource[];
}

/**
 * What a cluster needs beside its network. What a cluster has of these already is never doubled or taken over: a step
 * before looks, and says what to do.
 */
export class KubernetesAddons extends ComponentResource {
  constructor(name: string, args: KubernetesAddonsArgs, options?: ComponentResourceOptions) {
    const { coe, addons, dnsAddress, kubeconfig } = args;
    super("seamless:index:KubernetesAddons", name, { addons }, options);
    const guard = new local.Command(
      `${name}-guard`,
      {
        create: "bin/seamless internal kubernetes-addons",
        stdin: guardInput(coe, Object.keys(addons), args.context),
        ...(kubeconfig === undefined
          ? {}
          : { environment: { [kubeconfigVariable]: secret(kubeconfig) } }),
      },
      { parent: this },
    );
    args.looked.add(guard);
    const after = [guard, ...args.after];
    const { dns, metrics, dashboard } = addons;
    const make = (addon: string, documents: Documents, needed: readonly Resource[] = []) =>
      makeDocuments(`${name}-${addon}`, documents, {
        parent: this,
        provider: args.provider,
        dependsOn: [...after, ...needed],
      });
    if (dns !== undefined && dnsAddress !== undefined) {
      const parts = { addon: dns, address: dnsAddress, forwards: args.forwards };
      if (dns.kind === "kube-dns") make("dns", kubeDns(parts));
      else this.coredns(name, args.provider, parts, after);
    }
    if (metrics !== undefined) this.metrics(name, args, metrics, after);
    if (dashboard !== undefined) {
      // First of all, so that no dashboard is ever open to everybody.
      const policy = new k8s.apiextensions.CustomResource(
        `${name}-dashboard-policy`,
        storedDashboardPolicy(dashboard.kind ?? "kubernetes-dashboard", args.apiServers),
        { parent: this, provider: args.provider, dependsOn: after },
      );
      make("dashboard", dashboardObjects(dashboard, secret(randomKey())), [policy]);
    }
    this.registerOutputs({});
  }

  private coredns(name: string, provider: k8s.Provider, dns: ClusterDns, after: Resource[]): void {
    const objects = dnsObjects(dns);
    const options = { parent: this, provider, dependsOn: after };
    const needed = [
      new k8s.core.v1.ServiceAccount(`${name}-dns-account`, objects.account, options),
      new k8s.rbac.v1.ClusterRole(`${name}-dns-role`, objects.role, options),
      new k8s.rbac.v1.ClusterRoleBinding(`${name}-dns-binding`, objects.binding, options),
      new k8s.core.v1.ConfigMap(`${name}-dns-corefile`, objects.corefile, options),
    ];
    new k8s.apps.v1.Deployment(`${name}-dns`, objects.deployment, {
      ...options,
      dependsOn: needed,
    });
    // Waits for its pods by itself.
    new k8s.core.v1.Service(`${name}-dns-service`, objects.service, options);
  }

  private metrics(
    name: string,
    { provider }: KubernetesAddonsArgs,
    addon: MetricsAddon,
    after: Resource[],
  ): void {
    const objects = metricsObjects(addon);
    const options = { parent: this, provider, dependsOn: after };
    const needed = [
      new k8s.core.v1.ServiceAccount(`${name}-metrics-account`, objects.account, options),
      new k8s.rbac.v1.ClusterRole(`${name}-metrics-role`, objects.role, options),
      new k8s.rbac.v1.ClusterRoleBinding(`${name}-metrics-binding`, objects.binding, options),
      new k8s.rbac.v1.ClusterRole(`${name}-metrics-readers`, objects.readers, options),
      new k8s.rbac.v1.ClusterRoleBinding(`${name}-metrics-delegation`, objects.delegation, options),
      new k8s.rbac.v1.RoleBinding(
        `${name}-metrics-authentication`,
        objects.authentication,
        options,
      ),
    ];
    const deployment = new k8s.apps.v1.Deployment(`${name}-metrics`, objects.deployment, {
      ...options,
      dependsOn: needed,
    });
    const service = new k8s.core.v1.Service(`${name}-metrics-service`, objects.service, options);
    // An API whose server does not answer yet would hold up whoever lists the cluster's APIs.
    new k8s.apiregistration.v1.APIService(`${name}-metrics-api`, objects.api, {
      ...options,
      dependsOn: [deployment, service],
    });
  }
}

/** Data of a Secret: the base64 of a text, which is that of 256 random bytes, as the dashboard's chart has it. */
function randomKey(): string {
  return Buffer.from(randomBytes(256).toString("base64")).toString("base64");
}
