import type { RouterTraits } from "../../../plan/propagation/traits";
import { frrTraits } from "../../reflector/frr/traits";
import { birdKernel } from "../bird/traits";
import type { KernelTraits } from "../calico/traits";

/** FRR with zebra on a node, which looks up next hops wherever they are, and passes on nothing of others. */
export const frrNodeTraits: RouterTraits = {
  ...frrTraits,
  alwaysMultihop: true,
  replacesPeerAs: false,
};

/** How the kernel names zebra as who has installed a route that BGP has brought. */
export const frrRouteProtocol = "bgp";

/** Our own rules beside it. */
export const frrNodeKernel: KernelTraits = birdKernel;
