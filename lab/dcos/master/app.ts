import type { HealthCheck } from "../protocol";

/** A Marathon app with all defaults filled in: the fields the stand-in knows, named as in Marathon's API. */
export interface AppDefinition {
  readonly id: string;
  readonly cmd?: string;
  readonly args?: readonly string[];
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
  readonly container?: { readonly type: "MESOS"; readonly portMappings: readonly PortMapping[] };
  readonly portDefinitions: readonly PortDefinition[];
  readonly healthChecks: readonly AppHealthCheck[];
  readonly upgradeStrategy: {
    readonly minimumHealthCapacity: number;
    readonly maximumOverCapacity: number;
  };
  readonly backoffSeconds: number;
  readonly backoffFactor: number;
  readonly maxLaunchDelaySeconds: number;
  readonly taskKillGracePeriodSeconds: number;
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
    };

export interface PortMapping {
  readonly containerPort: number;
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

/** Marathon nests the command of a health check in an object. */
export type AppHealthCheck = Omit<HealthCheck, "command"> & {
  readonly command?: { readonly value: string };
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
