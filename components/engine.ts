import type { Resource } from "@pulumi/pulumi";
import type { Config, ExternalAccess } from "../config/types";
import type { Shell } from "../plan/access";
import type { CoePlan } from "../plan/types";
import { exitCode, SeamlessError } from "../util/errors";
import { coeKinds } from "./kinds/deploy";
import type { AccessSecrets, CoeEndpoints, CoeKind, Probe } from "./types";

/** An engine, wherever it comes from: the lab's, or one that is there already. */
export interface Engine {
  readonly endpoints: CoeEndpoints;
  /** How `seamless verify` runs a program on a node, by its name. */
  readonly nodes: Readonly<Record<string, Shell>>;
  /** What must be there before its API answers; absent when it answers already. */
  readonly started?: Resource;
}

/** @throws SeamlessError for a kind that the configuration's rules should have refused */
export function kindOf(coe: CoePlan): CoeKind {
  const kind = coeKinds[coe.kind];
  if (kind !== undefined) return kind;
  throw new SeamlessError(`coes.${coe.name}.kind: found ${coe.kind}`, exitCode.usage);
}

/** An engine that is there already. @param secrets those configured for it */
export function externalEngine(
  coe: CoePlan,
  access: ExternalAccess,
  secrets: AccessSecrets,
): Engine {
  const kind = kindOf(coe);
  const shells = Object.values(coe.nodes).flatMap((node): [string, Shell][] => {
    const shell = kind.shell(access, node);
    return shell === undefined ? [] : [[node.name, shell]];
  });
  return { endpoints: kind.external(access, coe, secrets), nodes: Object.fromEntries(shells) };
}

/** The probe of an engine with its defaults filled in; undefined when it has none. */
export function probeOf(config: Config, coe: CoePlan): Probe | undefined {
  const probe = config.coes[coe.name]?.probe;
  if (probe === undefined) return undefined;
  return {
    instances: probe.instances ?? kindOf(coe).probeNodes(coe),
    ...(probe.image === undefined ? {} : { image: probe.image }),
    ...(probe.form === undefined ? {} : { form: probe.form }),
  };
}
