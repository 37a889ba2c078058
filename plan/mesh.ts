import type { Family } from "../util/net";
import { addressOf, familyName, keyIn } from "./families";
import type { NodePlan, SessionEnd, SessionPlan } from "./types";

/** A node that speaks BGP, with the name of its COE; once for each family that it has containers of. */
export interface MeshNode {
  readonly coe: string;
  readonly node: NodePlan;
  readonly family: Family;
  /** Whether nodes of its COE in one AS make sessions with each other by themselves. */
  readonly makesMesh: boolean;
}

/**
 * The sessions of nodes with each other. Inside a COE whose nodes are in one AS they are those that its speaker makes by
 * itself, where it does: such a mesh goes on while a COE joins, and takes in nodes that come. Between COEs, and where ASs
 * differ, each node has every far one as a neighbour.
 */
export function meshSessions(speakers: readonly MeshNode[]): SessionPlan[] {
  const meshed = ownMeshes(speakers);
  const several = new Set(speakers.map(({ node }) => node.asn)).size > 1;
  return speakers.flatMap((one, index) =>
    speakers.slice(index + 1).flatMap((other): SessionPlan[] => {
      if (one.node.id === other.node.id || one.family !== other.family) return [];
      const [a, b] = one.node.id < other.node.id ? [one, other] : [other, one];
      const own = a.coe === b.coe && meshed.has(a.coe);
      const ends = [a, b].flatMap(({ node, family }): SessionEnd[] => {
        const address = addressOf(node, family);
        if (address === undefined) return [];
        return [
          {
            ...{ id: node.id, address, asn: node.asn, role: "peer" },
            ...(several && !own ? { ownRoutesOnly: true } : {}),
          },
        ];
      });
      const [left, right] = ends;
      if (left === undefined || right === undefined) return [];
      return [
        {
          name: keyIn(`${a.node.id}--${b.node.id}`, a.family),
          a: left,
          b: right,
          families: [familyName[a.family]],
          ...(own ? { ownMesh: true } : {}),
        },
      ];
    }),
  );
}

/** Names of the COEs whose nodes are in one AS, and make a mesh by themselves. */
function ownMeshes(speakers: readonly MeshNode[]): ReadonlySet<string> {
  const asns = new Map<string, Set<number>>();
  for (const { coe, node } of speakers.filter(({ makesMesh }) => makesMesh))
    asns.set(coe, (asns.get(coe) ?? new Set<number>()).add(node.asn));
  return new Set([...asns].filter(([, all]) => all.size === 1).map(([coe]) => coe));
}
