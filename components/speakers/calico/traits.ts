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

/** See SpeakerFacts. */
export const noBfdInCalico = "neither BGPPeer nor BGPConfiguration of Calico knows of it";

/** How the kernel names BIRD as who has installed a route. */
export const calicoRouteProtocol = "bird";

/** What a node's speaker leaves in its kernel, by which it is told from what others put there. */
export interface KernelTraits {
  /** What the names of its chains of iptables begin with. */
  readonly chains: string;
  /** What the comments of its rules in the kernel's own chains begin with. */
  readonly comments: string;
  /** Its tables of nftables, by name. Default: none. */
  readonly tables?: readonly string[];
}

/** Felix's chains by their names, its rules in other chains by the hash that is their comment, and its tables of nftables. */
export const calicoKernel: KernelTraits = {
  chains: "cali-",
  comments: "cali:",
  tables: ["calico"],
};
