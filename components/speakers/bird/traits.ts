import type { RouterTraits } from "../../../plan/propagation/traits";
import { birdTraits } from "../../reflector/bird/traits";
import { calicoRouteProtocol, type KernelTraits } from "../calico/traits";

/** BIRD 2 on a node, all of whose sessions are written as `multihop` with `gateway recursive`. */
export const birdNodeTraits: RouterTraits = {
  ...birdTraits,
  distantNextHop: "unnoticed",
  thirdPartyNextHop: "none",
  alwaysMultihop: true,
  replacesPeerAs: false,
};

/** How the kernel names BIRD as who has installed a route, of whatever version. */
export const birdRouteProtocol = calicoRouteProtocol;

/** Our own rules beside it: chains in iptables' tables begin so, and comments of rules elsewhere. */
export const birdKernel: KernelTraits = { chains: "SEAMLESS-", comments: "seamless:" };
