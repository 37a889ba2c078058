import type { Draft } from "./draft";
import { type CoeKind, type CoeKinds, kindOf, speaks } from "./kind";
import { dotted, type Path, type Problem } from "./problems";
import type { NetworkConfig } from "./types";

/*
 * Which AS a node has, and what `network.asns` asks to be written. Nothing is counted out here: a number that follows from
 * the others would change when one of them goes (see config/assign.ts for what writes them).
 */

interface WithAsn {
  readonly asn?: number | undefined;
}

/** The AS of a node: its own, else its COE's, else the network's. */
export function asnOfNode<Network extends WithAsn>(
  network: Network,
  coe: WithAsn,
  node: WithAsn,
): Network["asn"] | number {
  return node.asn ?? coe.asn ?? network.asn;
}

/** Whether nodes have sessions with each other instead of with reflectors. */
export function isMesh({ topology }: { readonly topology?: string | undefined }): boolean {
  return topology === "mesh";
}

/** By AS scheme: who has a number of its own. */
const owners: Readonly<Record<NonNullable<NetworkConfig["asns"]>, string>> = {
  shared: "network",
  perCoe: "COE",
  perRack: "rack",
  perServer: "node",
};

/** Numbers that the AS scheme asks for: each is written, and no two are equal. */
export function asnProblems(config: Draft, kinds: CoeKinds, problems: Problem[]): void {
  const scheme = config.network.asns;
  if (scheme === undefined || !isScheme(scheme) || scheme === "shared") return;
  if (scheme === "perRack") {
    problems.push({
      path: ["network", "asns"],
      message:
        "found perRack with network.nodes as ranges without names; needed: a map of racks, such as { rack-1: { cidr: 172.16.18.0/24, asn: 64513 } }",
    });
    return;
  }
  const seen = new Map<number, Path>();
  for (const { path, asn } of asked(config, kinds, scheme, problems)) {
    const other = asn === undefined ? undefined : seen.get(asn);
    if (asn === undefined)
      problems.push({
        path,
        message: `missing; needed with network.asns ${scheme}: an AS for each ${owners[scheme]}; \`seamless plan --assign\` writes one into this file`,
      });
    else if (other === undefined) seen.set(asn, path);
    else
      problems.push({
        path,
        message: `found ${asn}, which is also ${dotted(other)}; allowed: an AS of its own, as network.asns ${scheme} has it`,
      });
  }
}

function isScheme(text: string): text is keyof typeof owners {
  return Object.hasOwn(owners, text);
}

/** Where the numbers of a scheme are written, and what is there. */
function asked(
  config: Draft,
  kinds: CoeKinds,
  scheme: "perCoe" | "perServer",
  problems: Problem[],
): { path: Path; asn: number | undefined }[] {
  return Object.entries(config.coes).flatMap(([name, coe]) => {
    const path = ["coes", name];
    if (scheme === "perCoe") return [{ path: [...path, "asn"], asn: coe.asn }];
    if (coe.nodesFromCluster)
      problems.push({
        path: [...path, "nodes"],
        message:
          "found fromCluster with network.asns perServer, whose numbers are written in this file; allowed: a map of nodes",
      });
    return speakersOf(coe, kindOf(kinds, coe.kind)).map(([node, { asn }]) => ({
      path: [...path, "nodes", node, "asn"],
      asn,
    }));
  });
}

function speakersOf({ nodes }: Draft["coes"][string], kind: CoeKind | undefined) {
  return Object.entries(nodes).filter(([, node]) => speaks(kind, node));
}

/** A mesh needs no reflectors; who has them beside it would have every route twice. */
export function topologyProblems({ network, reflectors }: Draft, problems: Problem[]): void {
  if (!isMesh(network)) return;
  const names = Object.keys(reflectors);
  if (names.length > 0)
    problems.push({
      path: ["network", "topology"],
      message: `found mesh with the reflectors ${names.sort().join(", ")}; in a mesh nodes have sessions with each other alone; allowed: mesh without reflectors, or reflectors`,
    });
}
