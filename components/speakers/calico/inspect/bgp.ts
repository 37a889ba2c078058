import type { AnnouncedRanges } from "../../../../plan/types";
import { listOf } from "../../../../util/ranges";
import type { CalicoPlan } from "../types";
import { type Finding, takeOver } from "./finding";
import { type BgpState, type DatastoreState, type Fields, setByWhom } from "./state";

/**
 * What the plan makes of Calico's BGP configuration.
 * @param meshEffect what it does to traffic that the sessions from node to node go
 */
export function bgpFindings(
  plan: CalicoPlan,
  { bgp, peers }: Pick<DatastoreState, "bgp" | "peers">,
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
  const planned = plan.ownMesh === true;
  if (bgp.mesh !== planned)
    findings.push({
      id: "bgp/mesh",
      level: "changes",
      found: `the node-to-node mesh is ${bgp.mesh ? "on" : "off"}${setByWhom(bgp.setBy)}; the plan has it ${planned ? "on" : "off"}`,
      effect: planned
        ? "nodes have sessions with each other, beside those that are there"
        : plan.topology === "mesh"
          ? "nodes lose each other's routes for some seconds: BIRD has one session with a neighbour, so that those of the plan come up when the mesh is off"
          : meshEffect,
      ...takeOver(bgp.setBy),
    });
  return [
    ...findings,
    ...serviceFindings(plan.announced, bgp),
    ...(planned ? [] : meshOnlyFindings(bgp)),
    ...routeFindings(bgp),
    ...otherFindings(bgp),
  ];
}

const fieldOf = {
  clusterIPs: "serviceClusterIPs",
  externalIPs: "serviceExternalIPs",
  loadBalancerIPs: "serviceLoadBalancerIPs",
} as const satisfies Record<keyof AnnouncedRanges, string>;

/** Ranges of services that are announced already stay beside those of the plan, and are given back at the end. */
function serviceFindings(announced: AnnouncedRanges, { services, setBy }: BgpState): Finding[] {
  return (["clusterIPs", "externalIPs", "loadBalancerIPs"] as const).flatMap((which) => {
    const there = services[which];
    const planned = listOf(announced[which]);
    const foreign = there.filter((range) => !planned.includes(range));
    const missing = planned.filter((range) => !there.includes(range));
    const findings: Finding[] = [];
    if (missing.length > 0 && there.length > 0)
      findings.push({
        id: `bgp/${fieldOf[which]}`,
        level: "changes",
        found: `${there.join(", ")}${setByWhom(setBy)}; the plan adds ${missing.join(", ")}`,
        effect: "every node announces all of them to all its peers",
        ...takeOver(setBy),
      });
    if (foreign.length > 0)
      findings.push({
        id: `bgp/${fieldOf[which]}/kept`,
        level: "notes",
        found: `${foreign.join(", ")}, not in the plan`,
        effect: "stays announced to other peers; the reflector refuses it",
      });
    return findings;
  });
}

/** Fields that Calico does not take with the mesh off. */
function meshOnlyFindings({ mesh, others }: BgpState): Finding[] {
  if (!mesh) return [];
  return ["nodeMeshPassword", "nodeMeshMaxRestartTime"]
    .filter((field) => others[field] !== undefined)
    .map((field) => ({
      id: `bgp/${field}`,
      level: "blocks",
      found: `${field} is set, for the mesh that goes off`,
      effect: "Calico refuses it together with nodeToNodeMeshEnabled: false",
      advice: `remove ${field} first; sessions of the mesh are reset by that`,
    }));
}

/** BIRD has to give routes of pools without encapsulation to the kernel. */
function routeFindings({ others }: BgpState): Finding[] {
  const { programClusterRoutes } = others;
  if (programClusterRoutes !== "Disabled" && programClusterRoutes !== "EnabledIPIPOnly") return [];
  return [
    {
      id: "bgp/programClusterRoutes",
      level: "blocks",
      found: `programClusterRoutes ${programClusterRoutes}`,
      effect: "BIRD puts no route of a pool without encapsulation into the kernel",
      advice:
        "set programClusterRoutes: EnabledNoEncapOnly, and FelixConfiguration's field of that name to fit",
    },
  ];
}

/** What other fields do to the sessions of the plan; a text for each that does something. */
const effects: Readonly<Record<string, string>> = {
  bindMode: "BIRD listens at the address of the node alone",
  communities: "routes carry them to the reflector, too",
  ignoredInterfaces: "routes of these interfaces are not announced",
  listenPort:
    "the reflector finds nobody at port 179, so that sessions come up from the nodes' side only",
  localWorkloadPeeringIPV4: "workloads go on peering with their node",
  localWorkloadPeeringIPV6: "workloads go on peering with their node",
  prefixAdvertisements: "routes carry these communities to the reflector, too",
  serviceLoadBalancerAggregation:
    "single addresses of load balancers are announced in place of their range",
};

/** Values that the definition fills in. */
const usual: Fields = {
  bindMode: "None",
  listenPort: 179,
  serviceLoadBalancerAggregation: "Enabled",
};

/** Fields that are looked at above, or that have nothing to do with routes. */
const passedOver = [
  "logSeverityScreen",
  "nodeMeshMaxRestartTime",
  "nodeMeshPassword",
  "programClusterRoutes",
];

function isQuiet([field, value]: readonly [string, unknown]): boolean {
  if (passedOver.includes(field) || value === usual[field]) return true;
  return Array.isArray(value) && value.length === 0;
}

function otherFindings({ others, byNode }: BgpState): Finding[] {
  const scopes: [string, Fields][] = [
    ["bgp", others],
    ...Object.entries(byNode).map(([node, fields]): [string, Fields] => [
      `bgp/node.${node}`,
      fields,
    ]),
  ];
  return scopes.flatMap(([scope, fields]) =>
    Object.entries(fields)
      .filter((entry) => !isQuiet(entry))
      .map(([field, value]) => ({
        id: `${scope}/${field}`,
        level: "notes",
        found: `${field} ${JSON.stringify(value)}; it stays`,
        effect: effects[field] ?? "works as before",
      })),
  );
}
