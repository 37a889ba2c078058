import { families } from "../../../plan/families";
import type { CoePlan, NodePlan } from "../../../plan/types";
import { exitCode, SeamlessError } from "../../../util/errors";
import { addressAt } from "../../../util/net";
import { activeRanges, inFamily, listOf } from "../../../util/ranges";

/** What the host files of a Kubernetes cluster are rendered from. */
export interface Cluster {
  readonly controller: NodePlan;
  /** One range of each family. */
  readonly podCidrs: readonly string[];
  /** The same of services; the first decides what family the API and the name server are asked by. */
  readonly serviceCidrs: readonly string[];
  /** Address of the `kubernetes` service: the first of the range. */
  readonly apiService: string;
  /** Address of the cluster's name server, by convention the tenth of the range. */
  readonly dnsService: string;
}

/**
 * The parts of the plan the hosts need.
 * @throws SeamlessError when the lab cannot make such a cluster: it runs exactly one controller.
 */
export function clusterOf(coe: CoePlan): Cluster {
  const controllers = Object.values(coe.nodes).filter((node) => node.role === "controller");
  const [controller] = controllers;
  if (controller === undefined || controllers.length > 1) {
    const found = controllers.map((node) => node.name).join(", ") || "none";
    throw new SeamlessError(
      `coes.${coe.name}.nodes: found ${found} with role controller; the lab runs exactly one`,
      exitCode.usage,
    );
  }
  const serviceCidrs = listOf(coe.serviceCidr);
  const [serviceCidr] = serviceCidrs;
  if (serviceCidr === undefined) {
    throw new SeamlessError(
      `coes.${coe.name}.serviceCidr: missing; the lab's Kubernetes needs a range, such as 10.96.0.0/16`,
      exitCode.usage,
    );
  }
  const podCidrs = activeRanges(coe);
  for (const family of families) {
    const alike = inFamily(podCidrs, family);
    if (podCidrs.length > 0 && alike.length < 2) continue;
    throw new SeamlessError(
      `coes.${coe.name}.podCidr: found ${alike.length} ranges; the lab's Kubernetes takes one of each family, beside those that retire`,
      exitCode.usage,
    );
  }
  return {
    controller,
    podCidrs,
    serviceCidrs,
    apiService: addressAt(serviceCidr, 1),
    dnsService: addressAt(serviceCidr, 10),
  };
}
