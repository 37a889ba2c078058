import type { RouterTraits } from "../../../plan/propagation/traits";

/** Calico's BIRD 1.6, all of whose sessions Calico writes as `multihop` with `gateway recursive`. */
export const calicoTraits: RouterTraits = {
  sendsReceiversAs: true,
  refusesOwnCluster: "clients",
  withholdsOwnCluster: true,
  stamps: "reflected",
  lostNextHop: "last",
  distantNextHop: "unnoticed",
  ownNextHop: "lost",
  withholdsFromNextHop: false,
  thirdPartyNextHop: "none",
  heedsNoAdvertise: true,
  forgetsToWithdraw: false,
  returnsToSender: false,
  alwaysMultihop: true,
  ownRoutes: "first",
  prefersConnected: true,
  comparesReflection: true,
  replacesPeerAs: false,
};

/** How the kernel names BIRD as who has installed a route. */
export const calicoRouteProtocol = "bird";
