import type { Config } from "../config/types";
import type { CoeAccess, Shell } from "../plan/access";
import type { CoePlan, Plan } from "../plan/types";
import type { CoeKind, Probe } from "./types";

/** How the nodes of an engine that is there already are reached by `seamless verify`. */
export function externalShells(
  kind: CoeKind,
  coe: CoePlan,
  access: Exclude<Config["coes"][string]["access"], "embedded">,
): CoeAccess["nodes"] {
  const shells = Object.values(coe.nodes).flatMap((node): [string, Shell][] => {
    const shell = kind.shell(access, node);
    return shell === undefined ? [] : [[node.name, shell]];
  });
  return Object.fromEntries(shells);
}

/** The probe of an engine with its defaults filled in; undefined when it has none. */
export function probeOf(kind: CoeKind, config: Config, coe: CoePlan): Probe | undefined {
  const probe = config.coes[coe.name]?.probe;
  if (probe === undefined) return undefined;
  return {
    instances: probe.instances ?? kind.probeNodes(coe),
    ...(probe.image === undefined ? {} : { image: probe.image }),
  };
}

/** What to type after an update. */
export function nextCommand(stack: string, plan: Plan): string {
  const waiting = Object.values(plan.coes).filter((coe) => !coe.deployed);
  return waiting.length === 0
    ? `seamless verify --stack ${stack}`
    : `set deploy: true for ${waiting.map((coe) => coe.name).join(", ")}, then pulumi up --stack ${stack}`;
}
