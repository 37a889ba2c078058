import type { RouterTraits } from "../../../plan/propagation/traits";

/**
 * GoBGP 4.8 without zebra, so that it knows of no routes to next hops. It tells external paths of equal rank apart by
 * their age, unless `external-compare-router-id` is set: the model takes it for set.
 */
export const gobgpTraits: RouterTraits = {
  sendsReceiversAs: false,
  refusesOwnCluster: "none",
  withholdsOwnCluster: true,
  stamps: "clients",
  lostNextHop: "unnoticed",
  distantNextHop: "unnoticed",
  ownNextHop: "unnoticed",
  withholdsFromNextHop: false,
  thirdPartyNextHop: "none",
  heedsNoAdvertise: false,
  forgetsToWithdraw: true,
  returnsToSender: false,
  alwaysMultihop: false,
  ownRoutes: "afterLocalPref",
  prefersConnected: false,
  comparesReflection: false,
  replacesPeerAs: true,
};
