import { asnOfNode, isMesh, rackWithAsn } from "../../../config/asns";
import type { CoeDraft, Draft } from "../../../config/draft";
import { speaks } from "../../../config/kind";
import { dotted, type Path, type Problem } from "../../../config/problems";
import { draftOf } from "./config";
import { defaultRole, roles } from "./roles";

/** The blocks of Calico 2.x have one size. */
const v1BlockSize = 26;

/** Which API Calico's objects are of, and what the older one cannot say. */
export function* calicoApiProblems(at: Path, coe: CoeDraft, config: Draft): Iterable<Problem> {
  if (draftOf(coe).calicoApi !== "v1") return;
  if (coe.embedded)
    yield {
      path: [...at, "calicoApi"],
      message: "found v1; the lab's Calico is 3.x; allowed: v3",
    };
  const refused = (key: string, found: unknown, why: string, allowed: string): Problem => ({
    path: [...at, key],
    message: `found ${found} with calicoApi v1; ${why}; allowed: ${allowed}, or calicoApi v3`,
  });
  const { policy, loadBalancerCidr, blockSize, pool } = coe;
  if (policy === "cross-coe" || policy === "closed")
    yield refused("policy", policy, "Calico 2.x has no tiers", "open");
  if (loadBalancerCidr !== undefined)
    yield refused("loadBalancerCidr", loadBalancerCidr, "Calico 2.x announces no services", "none");
  if (blockSize !== undefined && blockSize !== v1BlockSize)
    yield refused("blockSize", blockSize, "blocks of Calico 2.x are always /26", `${v1BlockSize}`);
  if (pool !== undefined) yield refused("pool", pool, "pools of Calico 2.x have no names", "none");
  if (draftOf(coe).ipipMode === "CrossSubnet")
    yield refused("ipipMode", "CrossSubnet", "its pools are written without a tunnel", "Never");
  for (const [name, own] of apart(coe, config.network))
    yield {
      path: [...at, "nodes", name, "asn"],
      message: `found ${own} with calicoApi v1, beside nodes in another AS; a Calico 2.x is given one AS for all its nodes; allowed: one for all, or calicoApi v3`,
    };
  if (isMesh(config.network) && asnsOf(config).size > 1)
    yield {
      path: [...at, "calicoApi"],
      message:
        "found v1 with network.topology mesh and nodes in several ASs; Calico 2.x has no filters (BGPFilter), so its nodes would pass on each other's routes as their own; allowed: one AS for all nodes, reflectors, or calicoApi v3",
    };
  for (const [name, { port, rack }] of Object.entries(config.reflectors)) {
    if (rack !== undefined)
      yield {
        path: ["reflectors", name, "rack"],
        message: `found ${rack}; peers of ${dotted(at)} (calicoApi v1) are for all its nodes, not for those of a rack; allowed: no rack, or calicoApi v3`,
      };
    if (port !== undefined && port !== 179)
      yield {
        path: ["reflectors", name, "port"],
        message: `found ${port}; peers of ${dotted(at)} (calicoApi v1) have no port; allowed: 179`,
      };
  }
}

/** The ASs of all nodes. */
function asnsOf({ network, coes }: Draft): ReadonlySet<number | undefined> {
  return new Set(
    Object.values(coes).flatMap((coe) =>
      Object.values(coe.nodes).map((node) => asnIn(network, coe, node)),
    ),
  );
}

function asnIn(
  network: Draft["network"],
  coe: Pick<CoeDraft, "asn">,
  node: CoeDraft["nodes"][string],
): number | undefined {
  return asnOfNode(network, coe, node, rackWithAsn(network, network.racks, node.address));
}

/** Where nodes that speak BGP are in several ASs: those that are not in the one that nodes have by default. */
function apart({ asn, nodes }: CoeDraft, network: Draft["network"]): [string, number][] {
  const common = asn ?? network.asn;
  const speakers = Object.entries(nodes).flatMap(([name, node]): [string, number][] => {
    const own = asnIn(network, { asn }, node);
    return speaks({ roles, defaultRole }, node) && own !== undefined ? [[name, own]] : [];
  });
  const several = new Set(speakers.map(([, asn]) => asn)).size > 1;
  return several ? speakers.filter(([, asn]) => asn !== common) : [];
}
