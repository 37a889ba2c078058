import type { CalicoPlan } from "../calico/types";
import { type Finding, takeOver } from "./finding";
import { type DatastoreState, setByWhom } from "./state";

/**
 * What the plan makes of the AS and of the sessions from node to node.
 * @param meshEffect what it does to traffic that these go
 */
export function bgpFindings(
  plan: CalicoPlan,
  { bgp, peers }: DatastoreState,
  meshEffect: string,
): Finding[] {
  const findings: Finding[] = [];
  if (bgp.asn !== plan.asn)
    findings.push({
      id: "bgp/as",
      level: "changes",
      found: `AS ${bgp.asn}${setByWhom(bgp.setBy)}; the plan says ${plan.asn}`,
      effect: `every session of every node is reset${peers.length > 0 ? ", and other peers have to expect the new AS" : ""}`,
      advice: `plan asn: ${bgp.asn} for its nodes to keep it, or change it in a maintenance window`,
    });
  if (bgp.mesh)
    findings.push({
      id: "bgp/mesh",
      level: "changes",
      found: `the node-to-node mesh is on${setByWhom(bgp.setBy)}; the plan has it off`,
      effect: meshEffect,
      ...takeOver(bgp.setBy),
    });
  return findings;
}

/** Sessions that stay beside those of the plan. */
export function peerFindings(plan: CalicoPlan, { peers }: DatastoreState): Finding[] {
  const planned = new Set(Object.values(plan.reflectors).map(({ address }) => address));
  return peers
    .filter(({ peer }) => !planned.has(peer))
    .map((peer) => ({
      id: `peer/${peer.name}`,
      level: "notes",
      found: `${peer.peer}${peer.asn === undefined ? "" : ` in AS ${peer.asn}`}, which is not in the plan`,
      effect: "it stays; its routes meet those of the reflector on every node",
    }));
}
