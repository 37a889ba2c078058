import { contains } from "../../util/net";
import type { Path } from "./path";
import { type Adjacency, oneHopSegment, type Speaker, type Topology } from "./topology";

/** A path on its way: what the message says, and nothing of what the sender thinks of it. */
export type Sent = Omit<Path, "learned" | "nextHop"> & { readonly nextHop: string };

/** What becomes of a path on a session, before the other end sees it: the message, or why there is none. */
export function send(
  topology: Topology,
  speaker: Speaker,
  adjacency: Adjacency,
  path: Path,
): Sent | string {
  const refusal = withheld(speaker, adjacency, path);
  if (refusal !== undefined) return refusal;
  const { own, other, external, session } = adjacency;
  const { traits, router } = speaker;
  const peer = topology.speakers.get(other.router)?.router.asn ?? 0;
  const asPath = replaced(speaker, adjacency, path.asPath, peer);
  if (!traits.sendsReceiversAs && own.routeServer !== true && asPath.includes(peer))
    return `${speaker.id} sends no path with the receiver's AS ${peer} in it`;
  const nextHop = nextHopFor(topology, speaker, adjacency, path);
  if (traits.withholdsFromNextHop && nextHop === other.address)
    return `${speaker.id} sends no path to its next hop ${nextHop}`;
  const { learned: _, originatorId: __, ...rest } = path;
  const shared = {
    ...rest,
    nextHop,
    noAdvertise: path.noAdvertise || own.noAdvertise === true,
    over: [...path.over, session],
  };
  if (!external) return { ...shared, asPath, ...reflection(speaker, adjacency, path) };
  return {
    ...shared,
    asPath: own.routeServer === true ? asPath : [router.asn, ...asPath],
    clusterList: [],
    localPref: defaultLocalPref,
  };
}

/** RFC 4271 leaves it to the router; all that are known here take 100. */
export const defaultLocalPref = 100;

function withheld(speaker: Speaker, adjacency: Adjacency, path: Path): string | undefined {
  const { learned, noAdvertise } = path;
  if (learned === undefined) return undefined;
  const { id, traits } = speaker;
  if (learned.session === adjacency.session)
    return `${id} sends no path back to ${adjacency.other.router}`;
  if (adjacency.own.ownRoutesOnly === true) return `${id} passes on nothing that it has learned`;
  if (noAdvertise && traits.heedsNoAdvertise) return `${id} passes on no path with NO_ADVERTISE`;
  return unreflected(speaker, adjacency, path);
}

/** Why a router does not pass on a path from one internal neighbour to another (RFC 4456 6 and 8). */
export function unreflected(
  { id, router, traits }: Speaker,
  { own, other, external }: Adjacency,
  { learned, clusterList }: Path,
): string | undefined {
  if (learned === undefined || learned.external || external) return undefined;
  if (!learned.client && own.role !== "reflector")
    return `neither ${learned.neighbour} nor ${other.router} is a reflector client`;
  const cluster = router.clusterId ?? router.routerId;
  return traits.withholdsOwnCluster && own.role === "reflector" && clusterList.includes(cluster)
    ? `${id} finds its own cluster-id ${cluster} in the path's CLUSTER_LIST`
    : undefined;
}

function replaced(
  { router, traits }: Speaker,
  { own, external }: Adjacency,
  asPath: readonly number[],
  peer: number,
): readonly number[] {
  if (own.replacePeerAs !== true || !external || !traits.replacesPeerAs) return asPath;
  return asPath.map((one) => (one === peer ? router.asn : one));
}

function nextHopFor(
  topology: Topology,
  speaker: Speaker,
  adjacency: Adjacency,
  { nextHop, learned }: Path,
): string {
  const { own, other, external } = adjacency;
  if (nextHop === undefined || learned === undefined || own.nextHop === "self") return own.address;
  if (own.nextHop === "segment")
    return sharedSegment(topology, speaker, nextHop, other.address) ? nextHop : own.address;
  if (own.nextHop === "keep" || !external || own.routeServer === true) return nextHop;
  switch (speaker.traits.thirdPartyNextHop) {
    case "none":
      return own.address;
    case "segment":
      return sharedSegment(topology, speaker, nextHop, other.address) ? nextHop : own.address;
    case "gateway": {
      const { segment, gateway } = learned;
      const near = segment !== undefined && segment === oneHopSegment(speaker, adjacency);
      return near && gateway !== undefined ? gateway : own.address;
    }
  }
}

/** Whether two addresses are on one of the router's own segments. */
function sharedSegment(
  { network }: Topology,
  { router }: Speaker,
  ...addresses: readonly string[]
): boolean {
  return router.links.some(({ segment }) => {
    const range = network.segments[segment];
    return range !== undefined && addresses.every((address) => contains(range, address));
  });
}

/** RFC 4456 8: what a reflector adds to a path from one internal neighbour to another. */
function reflection(
  { router, traits }: Speaker,
  { own }: Adjacency,
  { learned, originatorId, clusterList }: Path,
): Pick<Path, "originatorId" | "clusterList"> {
  const cluster = router.clusterId ?? router.routerId;
  const source = learned === undefined ? router.routerId : learned.routerId;
  const stamped = {
    originatorId: originatorId ?? source,
    clusterList: [cluster, ...clusterList],
  };
  if (traits.stamps === "clients") return own.role === "reflector" ? stamped : { clusterList: [] };
  if (learned !== undefined && !learned.external) return stamped;
  return { clusterList };
}
