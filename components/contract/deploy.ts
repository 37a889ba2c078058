import type { ComponentResource, ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { CoeConfig, ExternalAccess } from "../../config/types";
import type { Shell } from "../../plan/access";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import type { UpdateOrder } from "../order";

/** What the component of any kind of COE is given. @typeParam Own how such a COE is reached, in the words of its kind */
export interface CoeArgs<Own extends object = object> {
  /** The whole plan; known at preview, so that its changes are shown there. */
  readonly plan: Plan;
  /** Name of the COE in the plan. */
  readonly coe: string;
  /** What {@link CoeDeploy.external} or the lab gives. */
  readonly access: Own;
  /**
   * Whether the COE's machines are the stack's own, so that nothing on them was there before. Default: false: what joining
   * overwrites is given back when the stack is destroyed.
   */
  readonly fresh?: boolean;
  /** By name: how programs are run on its nodes, where the lab made them. Default: as `access` says. */
  readonly nodes?: Readonly<Record<string, Shell>>;
  /** The workload by which `seamless verify` proves traffic. Default: none. */
  readonly probe?: Probe;
  /**
   * By name: the reflectors, as far as they can be asked for their sessions. With them a COE that has routes of its
   * own making gives those up only when the sessions are there. Default: none is asked.
   */
  readonly reflectors?: Readonly<Record<string, RunningReflector>>;
  /** Passwords of BGP sessions, by their names in the plan; secrets. Default: there are none. */
  readonly bgpPasswords?: Input<Readonly<Record<string, string>>>;
  /** What the COE's changes wait for, and what waits for them. Default: there is nobody else. */
  readonly order?: UpdateOrder;
  /** Its record of the configuration, of which its kind reads its own fields. Default: it has none. */
  readonly given?: CoeConfig;
}

/** A reflector that another component has made, or one that is there already. */
export type RunningReflector = (ContainerReach | CommandReach) & {
  /** There once it runs with everything of the plan. */
  readonly resource: Resource;
};

interface ContainerReach {
  readonly dockerHost: string;
  /** Folder with the certificates for it. Default: as the environment says. */
  readonly dockerCerts?: string;
  readonly container: string;
}

/** How a router is asked that we do not run. */
interface CommandReach {
  /** Whose answers it gives. */
  readonly program: string;
  readonly argv: readonly string[];
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
}

/**
 * How the program applies the plan to COEs of one kind. The table in components/kinds holds them all.
 * @typeParam Own how such a COE is reached: what `external` or the kind's lab facet gives, `make` and `output` get
 */
export interface CoeDeploy<Own extends object = object> {
  /** Makes the component that applies the plan to one COE. */
  make(name: string, args: CoeArgs<Own>, options: ComponentResourceOptions): ComponentResource;
  /** How a COE that is there already is reached. @param secrets those configured for it */
  external(access: ExternalAccess, coe: CoePlan, secrets: AccessSecrets): Own;
  /**
   * How `seamless verify` runs a program on a node of such a COE; undefined when there is no way.
   * @param secrets those configured for it
   */
  shell(access: ExternalAccess, node: NodePlan, secrets: AccessSecrets): Input<Shell> | undefined;
  /** How many nodes may run the probe. */
  probeNodes(coe: CoePlan): number;
  /** The stack output that shows people how such COEs are reached. */
  readonly output: CoeOutput<Own>;
}

export interface CoeOutput<Own extends object = object> {
  readonly name: string;
  /** What it has for one COE; undefined for nothing. */
  of(endpoints: Own): Input<string> | undefined;
}
