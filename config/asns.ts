import { holds, isPrefix, parseAddress, parsePrefix } from "../util/net";
import { listOf, type Ranges } from "../util/ranges";
import type { Draft } from "./draft";

import { type CoeKind, type CoeKinds, kindOf, speaks } from "./kind";
import { dotted, type Path, type Problem } from "./problems";
import type { NetworkConfig } from "./types";

/*
 * Which AS a node has, and what `network.asns` asks to be written. Nothing is counted out here: a number that follows from
 * the others would change when one of them goes (config/assign writes them).
 */

interface WithAsn {
  readonly asn?: number | undefined;
}

/**
 * The AS of a node: its own, else its COE's, else the network's.
 * @param rack with an AS per rack, that of the node
 */
export function asnOfNode<Network extends WithAsn>(
  network: Network,
  coe: WithAsn,
  node: WithAsn,
  rack: WithAsn = {},
): Network["asn"] | number {
  return node.asn ?? rack.asn ?? coe.asn ?? network.asn;
}

/** The rack of an address, where an AS of its own counts; none where racks share theirs. */
export function rackWithAsn<Rack extends { readonly cidr?: Ranges | undefined }>(
  { asns }: { readonly asns?: string | undefined },
  racks: Readonly<Record<string, Rack>> | undefined,
  address: string | undefined,
): Rack | undefined {
  const host = parseAddress(address ?? "");
  if (asns !== "perRack" || racks === undefined || host === undefined) return undefined;
  return Object.values(racks).find(({ cidr }) =>
    listOf(cidr).some((text) => {
      const range = parsePrefix(text);
      return isPrefix(range) && holds(range, host);
    }),
  );
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
  if (scheme === "perRack" && config.network.racks === undefined) {
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
  scheme: Exclude<keyof typeof owners, "shared">,
  problems: Problem[],
): { path: Path; asn: number | undefined }[] {
  if (scheme === "perRack")
    return Object.entries(config.network.racks ?? {}).map(([rack, { asn }]) => ({
      path: ["network", "nodes", rack, "asn"],
      asn,
    }));
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

/** Nodes of a mesh: each has a session with every other one, so that their number grows with its square. */
const mostInMesh = 100;

/** What a mesh cannot have. @param passwords names of those of BGP sessions */
export function topologyProblems(
  { network, reflectors, coes }: Draft,
  kinds: CoeKinds,
  passwords: readonly string[],
  problems: Problem[],
): void {
  if (!isMesh(network)) return;
  const path = ["network", "topology"];
  const nodes = Object.values(coes).flatMap((coe) => speakersOf(coe, kindOf(kinds, coe.kind)));
  if (nodes.length > mostInMesh)
    problems.push({
      path,
      message: `found mesh with ${nodes.length} nodes that speak BGP, each with ${nodes.length - 1} sessions; allowed: a mesh of ${mostInMesh} nodes at most, or reflectors`,
    });
  for (const name of passwords)
    problems.push({
      path: ["bgpPasswords", name],
      message:
        "found a password with network.topology mesh; sessions of a mesh have ends in two COEs, and a password is of one COE; leave it out",
    });
  const names = Object.keys(reflectors);
  if (names.length > 0)
    problems.push({
      path,
      message: `found mesh with the reflectors ${names.sort().join(", ")}; in a mesh nodes have sessions with each other alone; allowed: mesh without reflectors, or reflectors`,
    });
}
