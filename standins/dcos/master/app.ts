import type { HealthCheck } from "../protocol";

/**
 * A Marathon app in its canonical form, as Marathon 1.5 and later keep it whatever form it came in: no deprecated
 * field, all defaults filled in. The fields the stand-in knows, named as in Marathon's API.
 */
export interface AppDefinition {
  readonly id: string;
  readonly cmd?: string;
  readonly args?: readonly string[];
  /** User of the agent's system that runs the task; without one, root. */
  readonly user?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly instances: number;
  readonly cpus: number;
  /** MiB. */
  readonly mem: number;
  readonly disk: number;
  readonly constraints: readonly Constraint[];
  readonly acceptedResourceRoles: readonly string[];
  readonly networks: readonly AppNetwork[];
  readonly container?: AppContainer;
  /** With host networking only. */
  readonly portDefinitions?: readonly PortDefinition[];
  /** The ports of `portDefinitions` are taken on the host, and are not service ports only. */
  readonly requirePorts: boolean;
  /** What the agent fetches into the sandbox; absent where that is nothing. */
  readonly fetch?: readonly FetchedFile[];
  readonly healthChecks: readonly AppHealthCheck[];
  readonly upgradeStrategy: {
    readonly minimumHealthCapacity: number;
    readonly maximumOverCapacity: number;
  };
  readonly backoffSeconds: number;
  readonly backoffFactor: number;
  readonly maxLaunchDelaySeconds: number;
  readonly taskKillGracePeriodSeconds?: number;
}

/** `[field, operator]` or `[field, operator, value]`. */
export type Constraint = readonly [string, ConstraintOperator, string?];

export const constraintOperators = [
  "UNIQUE",
  "CLUSTER",
  "GROUP_BY",
  "LIKE",
  "UNLIKE",
  "MAX_PER",
  "IS",
] as const;

export type ConstraintOperator = (typeof constraintOperators)[number];

export type AppNetwork =
  | { readonly mode: "host" }
  | {
      readonly mode: "container";
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | {
      readonly mode: "container/bridge";
      readonly labels: Readonly<Record<string, string>>;
    };

export interface AppContainer {
  readonly type: "DOCKER" | "MESOS";
  readonly docker?: DockerImage;
  readonly volumes: readonly never[];
  /** With a container network only. */
  readonly portMappings?: readonly PortMapping[];
}

export interface DockerImage {
  readonly image: string;
  readonly forcePullImage: boolean;
  readonly privileged: boolean;
  /** Arguments of `docker run`. */
  readonly parameters: readonly { readonly key: string; readonly value: string }[];
}

export interface PortMapping {
  /** 0: the same as the host's, or a free one. */
  readonly containerPort: number;
  /** A port of the agent that leads to it; 0: any, absent: none. */
  readonly hostPort?: number;
  /** What load balancers listen on; 0 until one is assigned. */
  readonly servicePort: number;
  readonly protocol: string;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PortDefinition {
  readonly port: number;
  readonly protocol: string;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface FetchedFile {
  readonly uri: string;
  readonly extract: boolean;
  readonly executable: boolean;
  readonly cache: boolean;
}

/** Marathon nests the command of a health check in an object. */
export type AppHealthCheck = Omit<HealthCheck, "command"> & {
  readonly command?: { readonly value: string };
  readonly delaySeconds: number;
  readonly ignoreHttp1xx?: boolean;
  readonly ipProtocol: "IPv4" | "IPv6";
};

/** What is wrong with a definition, in Marathon's form. */
export interface Problem {
  readonly path: string;
  readonly errors: readonly string[];
}

/** An absolute app id: leading slash, no trailing one, no empty part. */
export function canonicalId(id: string): string {
  return `/${id
    .split("/")
    .filter((part) => part !== "")
    .join("/")}`;
}
