import { z } from "zod";
import { familiesOfCoe } from "../../plan/one-family";
import type { CoePlan } from "../../plan/types";
import { familyOf } from "../../util/net";

/** `status.podIPs`: an address of each family that the pod has. */
export const podIps = z.array(z.looseObject({ ip: z.string() })).default([]);

/**
 * The addresses of a pod in the families of the plan, IPv4 first; what Kubernetes takes for its first one where it has none of
 * those, which others do not reach.
 */
export function podAddresses(
  coe: Pick<CoePlan, "podCidr">,
  status: { readonly podIP?: string | undefined; readonly podIPs: z.output<typeof podIps> },
): readonly string[] {
  const all = status.podIPs.map(({ ip }) => ip);
  return inPlannedFamilies(coe, all, status.podIP ?? "");
}

/** @param first what is taken where none is of these families; empty for nothing */
export function inPlannedFamilies(
  coe: Pick<CoePlan, "podCidr">,
  all: readonly string[],
  first: string,
): readonly string[] {
  const found = familiesOfCoe(coe).flatMap((family) =>
    all.filter((one) => familyOf(one) === family),
  );
  return found.length > 0 || first === "" ? found : [first];
}
