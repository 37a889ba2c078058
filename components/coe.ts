import type { Input, Resource } from "@pulumi/pulumi";
import type { Config, ExternalAccess } from "../config/types";
import type { Shell } from "../plan/access";
import type { CoePlan } from "../plan/types";
import type { AccessSecrets, CoeDeploy, Probe } from "./contract/deploy";
import { inCoe } from "./in-coe";

/** A COE, wherever it comes from: the lab's, or one that is there already. */
export interface ReachedCoe {
  /** In the words of its kind. */
  readonly endpoints: object;
  /** How `seamless verify` runs a program on a node, by its name. */
  readonly nodes: Readonly<Record<string, Input<Shell>>>;
  /** What must be there before its API answers; absent when it answers already. */
  readonly started?: Resource;
}

/**
 * A COE that is there already.
 * @param secrets those configured for it
 * @throws SeamlessError when a file that its access names cannot be read
 */
export function externalCoe(
  kind: CoeDeploy,
  coe: CoePlan,
  access: ExternalAccess,
  secrets: AccessSecrets,
): ReachedCoe {
  try {
    return reachedBy(kind, coe, access, secrets);
  } catch (thrown) {
    throw inCoe(thrown, coe.name);
  }
}

function reachedBy(
  kind: CoeDeploy,
  coe: CoePlan,
  access: ExternalAccess,
  secrets: AccessSecrets,
): ReachedCoe {
  const shells = Object.values(coe.nodes).flatMap((node): [string, Input<Shell>][] => {
    const shell = kind.shell(access, node, secrets);
    return shell === undefined ? [] : [[node.name, shell]];
  });
  return { endpoints: kind.external(access, coe, secrets), nodes: Object.fromEntries(shells) };
}

/** The probe of a COE with its defaults filled in; undefined when it has none. */
export function probeOf(kind: CoeDeploy, config: Config, coe: CoePlan): Probe | undefined {
  const probe = config.coes[coe.name]?.probe;
  if (probe === undefined) return undefined;
  return {
    instances: probe.instances ?? kind.probeNodes(coe),
    ...(probe.image === undefined ? {} : { image: probe.image }),
  };
}
