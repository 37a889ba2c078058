import type { RouterTraits } from "../../../plan/propagation/traits";

/**
 * FRR's bgpd 8.4 with zebra. It tells external paths of equal rank apart by their age, unless `bgp bestpath
 * compare-routerid` is set: the model takes it for set.
 */
export const frrTraits: RouterTraits = {
  sendsReceiversAs: true,
  refusesOwnCluster: "all",
  withholdsOwnCluster: false,
  stamps: "reflected",
  lostNextHop: "unusable",
  distantNextHop: "unusable",
  ownNextHop: "refused",
  withholdsFromNextHop: false,
  thirdPartyNextHop: "segment",
  heedsNoAdvertise: true,
  forgetsToWithdraw: false,
  returnsToSender: true,
  alwaysMultihop: false,
  ownRoutes: "first",
  prefersConnected: false,
  comparesReflection: true,
  replacesPeerAs: true,
};
