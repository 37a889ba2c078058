import { contains, prefix as parsed } from "../../util/net";
import type { Acceptance } from "./network";
import { type Learned, type Path, pathText } from "./path";
import type { Sent } from "./send";
import {
  type Adjacency,
  oneHopSegment,
  type Speaker,
  type Topology,
  type Way,
  wayTo,
} from "./topology";

/** What a router makes of a message: the path as it has it, or why it takes none. */
export function receive(
  topology: Topology,
  speaker: Speaker,
  adjacency: Adjacency,
  sent: Sent,
): Path | string {
  const { own, other, external } = adjacency;
  const refusal =
    loop(speaker, adjacency, sent) ??
    badNextHop(topology, speaker, adjacency, sent) ??
    refused(speaker.id, own.accepts, sent);
  if (refusal !== undefined) return refusal;
  const way = reach(topology, speaker, adjacency, sent.nextHop);
  if (way === undefined && speaker.traits.lostNextHop === "unusable")
    return `${speaker.id} has no route to the next hop ${sent.nextHop}`;
  const learned: Learned = {
    session: adjacency.session,
    neighbour: other.router,
    address: other.address,
    routerId: topology.speakers.get(other.router)?.router.routerId ?? "",
    external,
    client: own.role === "reflector",
    ...way,
  };
  return { ...sent, localPref: own.accepts?.localPref ?? sent.localPref, learned };
}

function loop(
  { id, router, traits }: Speaker,
  { own, external }: Adjacency,
  { asPath, originatorId, clusterList }: Sent,
): string | undefined {
  const times = asPath.filter((one) => one === router.asn).length;
  if (times > (own.allowOwnAs ?? 0))
    return `${id} finds its own AS ${router.asn} in ${pathText(asPath)}`;
  if (external) return undefined;
  if (originatorId === router.routerId)
    return `${id} finds its own router id ${originatorId} as the path's ORIGINATOR_ID`;
  const { refusesOwnCluster: where } = traits;
  const cluster = router.clusterId ?? router.routerId;
  if (
    clusterList.includes(cluster) &&
    (where === "all" || (where === "clients" && own.role === "reflector"))
  )
    return `${id} finds its own cluster-id ${cluster} in the path's CLUSTER_LIST`;
  return undefined;
}

function badNextHop(
  { network }: Topology,
  { id, router, traits }: Speaker,
  adjacency: Adjacency,
  { nextHop }: Sent,
): string | undefined {
  const near = oneHopSegment({ traits }, adjacency) !== undefined;
  const strict = near && traits.distantNextHop === "refused";
  const own = router.links.some(({ address }) => address === nextHop);
  if (own && (strict || traits.ownNextHop === "refused"))
    return `${id} is itself the next hop ${nextHop}`;
  if (strict && wayTo(network, router, nextHop)?.reach !== "connected")
    return `${id} finds the next hop ${nextHop} on no segment of its own`;
  return undefined;
}

function refused(
  id: string,
  { prefixes, nextHops, longestPath }: Acceptance = {},
  { prefix, nextHop, asPath }: Sent,
): string | undefined {
  const { length } = parsed(prefix);
  const inside = prefixes?.some(
    (span) => contains(span.cidr, prefix) && span.minLength <= length && length <= span.maxLength,
  );
  if (inside === false) return `${id} does not accept the prefix ${prefix}`;
  if (nextHops?.includes(nextHop) === false) return `${id} does not accept the next hop ${nextHop}`;
  if (longestPath !== undefined && asPath.length > longestPath)
    return `${id} does not accept ${pathText(asPath)}, which is longer than ${longestPath}`;
  return undefined;
}

function reach(
  { network }: Topology,
  { router, traits }: Speaker,
  adjacency: Adjacency,
  nextHop: string,
): Way | undefined {
  const own = router.links.some(({ address }) => address === nextHop);
  if (own && traits.ownNextHop === "lost") return undefined;
  const way = wayTo(network, router, nextHop);
  const near = oneHopSegment({ traits }, adjacency) !== undefined;
  return near && traits.distantNextHop === "unusable" && way?.reach === "routed" ? undefined : way;
}
