import type { CoePlan } from "../../../plan/types";
import type { Kubectl } from "../../cluster/kubectl";
import { optional } from "../../cluster/objects";
import type { Finding } from "../../speakers/calico/inspect/finding";

/**
 * Whether Calico's IPAM keeps to what the plan says of it; asked where that says anything alone, for it takes a right of its own.
 * There is one object, `default`, made when somebody sets it (Calico, "IPAMConfiguration").
 */
export async function affinityFindings(
  kubectl: Kubectl,
  { strictAffinity }: Pick<CoePlan, "strictAffinity">,
): Promise<Finding[]> {
  if (strictAffinity === undefined) return [];
  const found = await optional(kubectl, ["ipamconfigs.crd.projectcalico.org"]);
  const own = found.find(({ metadata }) => metadata.name === "default");
  if (own?.spec.strictAffinity === true) return [];
  return [
    {
      id: "calico/strictAffinity",
      level: "blocks",
      found: `IPAM lets nodes borrow addresses of each other's blocks (${own === undefined ? "no IPAMConfig default" : "strictAffinity of the IPAMConfig default is not true"}); the plan has strictAffinity`,
      effect: "reflectors refuse borrowed addresses: nobody reaches the containers that have them",
      advice: "run: calicoctl ipam configure --strictaffinity=true; or leave strictAffinity out",
    },
  ];
}
