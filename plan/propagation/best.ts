import { parseAddress } from "../../util/net";
import type { Path } from "./path";
import type { RouterTraits } from "./traits";

/** A step of the decision process: the path with the lower rank is better. */
interface Step {
  readonly name: string;
  readonly rank: (path: Path) => number | bigint;
}

const usable: Step = { name: "a next hop that is reachable", rank: (path) => (lost(path) ? 1 : 0) };
const own: Step = { name: "its own route", rank: ({ learned }) => (learned === undefined ? 0 : 1) };
const localPref: Step = { name: "LOCAL_PREF", rank: (path) => -path.localPref };
const originator: Step = {
  name: "the originator's router id",
  rank: ({ originatorId, learned }) => idNumber(originatorId ?? learned?.routerId),
};
const neighbourId: Step = {
  name: "the neighbour's router id",
  rank: ({ learned }) => idNumber(learned?.routerId),
};
const clusters: Step = {
  name: "the length of CLUSTER_LIST",
  rank: ({ clusterList }) => clusterList.length,
};

/** RFC 4271 9.1.2 and RFC 4456 9, as a router of these traits has them. */
function steps(traits: RouterTraits): Step[] {
  return [
    ...(traits.lostNextHop === "last" ? [usable] : []),
    ...(traits.ownRoutes === "first" ? [own, localPref] : [localPref, own]),
    { name: "the length of the AS path", rank: ({ asPath }) => asPath.length },
    {
      name: "a neighbour in another AS",
      rank: ({ learned }) => (learned === undefined || learned.external ? 0 : 1),
    },
    ...(traits.prefersConnected
      ? [{ name: "the way to the next hop", rank: (path: Path) => distance(path) }]
      : []),
    ...(traits.comparesReflection ? [originator, clusters] : [neighbourId]),
    { name: "the neighbour's address", rank: ({ learned }) => idNumber(learned?.address) },
  ];
}

function lost({ learned }: Path): boolean {
  return learned !== undefined && learned.reach === undefined;
}

function distance({ learned }: Path): number {
  return learned?.reach === "routed" ? 1 : 0;
}

function idNumber(address: string | undefined): bigint {
  return parseAddress(address ?? "")?.value ?? 0n;
}

/** What makes a router take one path and not another; equal for both where nothing does. */
export function decision(
  traits: RouterTraits,
  a: Path,
  b: Path,
): { readonly order: number; readonly by: string } {
  for (const { name, rank } of steps(traits)) {
    const [one, other] = [rank(a), rank(b)];
    if (one !== other) return { order: one < other ? -1 : 1, by: name };
  }
  return { order: 0, by: "nothing" };
}

/** The paths of a router, the best one first. */
export function ranked(traits: RouterTraits, paths: readonly Path[]): Path[] {
  return [...paths].sort((a, b) => decision(traits, a, b).order);
}
