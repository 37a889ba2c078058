import type { CoePlan, NodePlan } from "../../../plan/types";
import { exitCode, SeamlessError } from "../../../util/errors";
import { addressAt } from "../../../util/net";
import { activeRanges, listOf } from "../../../util/ranges";

/** What the host files of a Kubernetes cluster are rendered from. */
export interface Cluster {
  readonly controller: NodePlan;
  readonly podCidr: string;
  readonly serviceCidr: string;
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
  const [serviceCidr, ...moreServices] = listOf(coe.serviceCidr);
  if (serviceCidr === undefined || moreServices.length > 0) {
    throw new SeamlessError(
      `coes.${coe.name}.serviceCidr: ${serviceCidr === undefined ? "missing" : "found several ranges"}; the lab's Kubernetes needs a range, such as 10.96.0.0/16`,
      exitCode.usage,
    );
  }
  const [podCidr, ...more] = activeRanges(coe);
  if (podCidr === undefined || more.length > 0) {
    throw new SeamlessError(
      `coes.${coe.name}.podCidr: found ${more.length + 1} ranges; the lab's Kubernetes takes one, beside those that retire`,
      exitCode.usage,
    );
  }
  return {
    controller,
    podCidr,
    serviceCidr,
    apiService: addressAt(serviceCidr, 1),
    dnsService: addressAt(serviceCidr, 10),
  };
}
