import type { ComponentResource, ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { AddonsConfig, ExternalAccess, PackagesConfig, ProbeForm } from "../config/types";
import type { Shell } from "../plan/access";
import type { CoePlan, NodePlan, Plan } from "../plan/types";
import type { UpdateOrder } from "./order";

/** What the component of any kind of engine is given. */
export interface CoeArgs {
  /** The whole plan; known at preview, so that its changes are shown there. */
  readonly plan: Plan;
  /** Name of the engine in the plan. */
  readonly coe: string;
  readonly access: CoeEndpoints;
  /**
   * Whether the COE's machines are the stack's own, so that nothing on them was there before. Default: false: what joining
   * overwrites is given back when the stack is destroyed.
   */
  readonly fresh?: boolean;
  /** The workload by which `seamless verify` proves traffic. Default: none. */
  readonly probe?: Probe;
  /**
   * By name: the reflectors, as far as they can be asked for their sessions. With them an engine that has routes of its
   * own making gives those up only when the sessions are there. Default: none is asked.
   */
  readonly reflectors?: Readonly<Record<string, RunningReflector>>;
  /** Passwords of BGP sessions, by their names in the plan; secrets. Default: there are none. */
  readonly bgpPasswords?: Input<Readonly<Record<string, string>>>;
  /** What the COE's changes wait for, and what waits for them. Default: there is nobody else. */
  readonly order?: UpdateOrder;
  /** What the engine is given beside its network. Default: nothing. */
  readonly addons?: AddonsConfig;
  /** What of the engine's catalogue is installed. Default: nothing. */
  readonly packages?: PackagesConfig;
}

/** A reflector that another component has made. */
export interface RunningReflector {
  readonly dockerHost: string;
  /** Folder with the certificates for it. Default: as the environment says. */
  readonly dockerCerts?: string;
  readonly container: string;
  /** There once it runs with everything of the plan. */
  readonly resource: Resource;
}

/** How the engine's APIs are reached; each kind needs some of these. */
export interface CoeEndpoints {
  /** Kubeconfig text; a secret. */
  readonly kubeconfig?: Input<string>;
  /** Context in the kubeconfig. Default: its current one. */
  readonly context?: string;
  /** URL of a DC/OS cluster, that is of its Admin Router. */
  readonly url?: string;
  /** Certificates that sign the cluster's, as PEM text. Default: those the system trusts. */
  readonly ca?: string;
  /** Who logs in where there is no token. Default: nobody. */
  readonly uid?: string;
  /** Password of that user; a secret. */
  readonly password?: Input<string>;
  /** Private key of that service account, as PEM text; a secret. */
  readonly privateKey?: Input<string>;
  /** Authentication token; a secret. */
  readonly token?: Input<string>;
  /** Endpoints of the etcd that is Calico's datastore. */
  readonly etcdEndpoints?: readonly string[];
}

/** By what access is proven; each kind takes some of these, and a configuration has few. */
export interface AccessSecrets {
  readonly token?: Input<string>;
  readonly password?: Input<string>;
  readonly privateKey?: Input<string>;
}

export interface Probe {
  /** How many servers. */
  readonly instances: number;
  /** Container image, for kinds that run images. Default: the lab's. */
  readonly image?: string;
  /** Form of the app on DC/OS. Default: networks. */
  readonly form?: ProbeForm;
}

/** Makes the component that applies the plan to one engine. */
export type MakeCoe = (
  name: string,
  args: CoeArgs,
  options: ComponentResourceOptions,
) => ComponentResource;

/** A kind of engine, as the program needs it; components/kinds.ts holds them all. */
export interface CoeKind {
  readonly make: MakeCoe;
  /** The endpoints of an engine that is there already. @param secrets those configured for it */
  external(access: ExternalAccess, coe: CoePlan, secrets: AccessSecrets): CoeEndpoints;
  /** How `seamless verify` runs a program on a node of such an engine; undefined when there is no way. */
  shell(access: ExternalAccess, node: NodePlan): Shell | undefined;
  /** How many nodes may run the probe. */
  probeNodes(coe: CoePlan): number;
}
