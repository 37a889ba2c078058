import type { RouterTraits } from "../../../plan/propagation/traits";

/** BIRD 2.0. It has no setting to replace a neighbour's AS; an export filter does it. */
export const birdTraits: RouterTraits = {
  sendsReceiversAs: true,
  refusesOwnCluster: "clients",
  withholdsOwnCluster: true,
  stamps: "reflected",
  lostNextHop: "last",
  distantNextHop: "refused",
  ownNextHop: "lost",
  withholdsFromNextHop: true,
  thirdPartyNextHop: "gateway",
  heedsNoAdvertise: true,
  forgetsToWithdraw: false,
  returnsToSender: false,
  alwaysMultihop: false,
  ownRoutes: "first",
  prefersConnected: true,
  comparesReflection: true,
  replacesPeerAs: true,
};
