import type { CoePlan } from "../../../plan/types";
import { cidr, overlap } from "../../../util/cidr";
import { podRanges } from "../../../util/ranges";
import { calicoObjects, inOrder } from "../../calico/objects";
import type { CalicoPlan } from "../../calico/types";
import { bgpFindings, peerFindings } from "../../inspect/bgp";
import { type Finding, inOrderOfWeight } from "../../inspect/finding";
import { poolFindings } from "../../inspect/pools";
import type { CalicoState, ClusterState } from "./state";

/** Everything in which a cluster differs from the plan, what stops the plan first. */
export function compareCluster(coe: CoePlan, plan: CalicoPlan, seen: ClusterState): Finding[] {
  return inOrderOfWeight([
    ...(seen.calico === undefined ? [noCalico(coe)] : calicoFindings(coe, plan, seen.calico)),
    ...serviceFindings(coe, plan, seen),
    ...nodeFindings(coe, seen),
    ...policyFindings(coe, seen),
    ...nameFindings(coe),
  ]);
}

function noCalico(coe: CoePlan): Finding {
  return {
    id: "calico",
    level: "blocks",
    found: "no Calico: neither its definitions nor its calico-node DaemonSet are there",
    effect: "nobody would speak BGP",
    advice: `install Calico with BIRD and a pool of ${podRanges(coe).join(", and one of ")}`,
  };
}

function calicoFindings(coe: CoePlan, plan: CalicoPlan, calico: CalicoState): Finding[] {
  return [
    ...backendFindings(calico),
    ...definitionFindings(plan, calico),
    ...calico.pools.flatMap((pool) => poolFindings(coe, plan, calico, pool)),
    ...bgpFindings(
      plan,
      calico,
      "none: it goes off when every node has its session with the reflector",
    ),
    ...peerFindings(plan, calico),
  ];
}

function backendFindings({ backend }: CalicoState): Finding[] {
  if (backend === "bird") return [];
  return [
    {
      id: "calico/backend",
      level: "blocks",
      found: `CALICO_NETWORKING_BACKEND is ${backend}; the plan needs bird`,
      effect: "no node runs BIRD, so none would have a session",
      advice:
        "set it to bird in the calico-node DaemonSet (bgp: Enabled of the operator's Installation)",
    },
  ];
}

/** Kinds that are to be made here, and that the cluster has no definitions of. */
function definitionFindings(plan: CalicoPlan, { kinds, version }: CalicoState): Finding[] {
  const needed = inOrder(calicoObjects(plan))
    .map(({ kind }) => kind)
    // Profiles are no resources of the Kubernetes API.
    .filter((kind) => kind !== "Profile" && !kinds.includes(kind));
  if (needed.length === 0) return [];
  return [
    {
      id: "calico/definitions",
      level: "blocks",
      found: `no definitions of ${[...new Set(needed)].join(", ")} in crd.projectcalico.org`,
      effect: "objects of these kinds cannot be made, and Calico's agents wait for them",
      advice: `apply the definitions that belong to Calico ${version} (crds.yaml of its release)`,
    },
  ];
}

function serviceFindings(
  coe: CoePlan,
  { foreign }: CalicoPlan,
  { serviceCidr }: ClusterState,
): Finding[] {
  if (serviceCidr === undefined || serviceCidr === coe.serviceCidr) return [];
  const ranges = { ...foreign, [coe.name]: podRanges(coe) };
  const overlaps = Object.entries(ranges).flatMap(([owner, owned]) =>
    owned
      .filter((range) => overlap(cidr(range), cidr(serviceCidr)))
      .map((range) => `${range} of ${owner}`),
  );
  if (overlaps.length > 0)
    return [
      {
        id: "services",
        level: "blocks",
        found: `services are in ${serviceCidr}, which overlaps ${overlaps.join(", ")}`,
        effect: "an address would be a service here and a container there: kube-proxy takes it",
        advice: `plan serviceCidr: ${serviceCidr}, and ranges of containers apart from it`,
      },
    ];
  const needed = coe.announced.clusterIPs !== undefined || coe.addons.includes("dns");
  return [
    {
      id: "services",
      level: needed ? "blocks" : "notes",
      found: `services are in ${serviceCidr}; the plan says ${coe.serviceCidr ?? "nothing"}`,
      effect: needed
        ? "the announced range, or the name server's address, would be of no service"
        : "an overlap with other ranges would not be noticed",
      advice: `plan serviceCidr: ${serviceCidr}`,
    },
  ];
}

function nodeFindings(coe: CoePlan, { nodes }: ClusterState): Finding[] {
  const findings: Finding[] = [];
  for (const [name, address] of Object.entries(nodes)) {
    const planned = coe.nodes[name];
    if (planned === undefined)
      findings.push({
        id: `node/${name}`,
        level: "notes",
        found: `${address}, which is not in the plan`,
        effect: "the reflector refuses its session: other COEs do not reach its pods",
        advice: `add ${name}: { address: ${address} } to coes.${coe.name}.nodes`,
      });
    else if (planned.address !== address)
      findings.push({
        id: `node/${name}`,
        level: "blocks",
        found: `${address}; the plan says ${planned.address}`,
        effect: "its session would come from an address the reflector does not know",
        advice: `plan address: ${address}`,
      });
  }
  for (const [name, { address }] of Object.entries(coe.nodes)) {
    if (nodes[name] === undefined)
      findings.push({
        id: `node/${name}`,
        level: "notes",
        found: `the cluster has no such node yet; the plan has it at ${address}`,
        effect: "where the mesh is on, it stays on until the node is there and has its session",
      });
  }
  return findings;
}

function policyFindings(coe: CoePlan, { networkPolicies }: ClusterState): Finding[] {
  if (coe.policy.mode !== "open" || networkPolicies === 0) return [];
  return [
    {
      id: "policy",
      level: "changes",
      found: `${networkPolicies} NetworkPolicies, and policy open in the plan`,
      effect: "they keep nobody out any more: allow-all lets everything in",
      advice: `set coes.${coe.name}.policy: cross-coe, which leaves them in force`,
    },
  ];
}

/** A name server that is not made here is not touched either. */
function nameFindings(coe: CoePlan): Finding[] {
  const zones = Object.keys(coe.forwards);
  if (zones.length === 0 || coe.addons.includes("dns")) return [];
  return [
    {
      id: "names",
      level: "notes",
      found: `the cluster keeps its own name server, which is to know ${zones.join(", ")}`,
      effect: "pods resolve no names of other COEs until it does",
      advice: `add what \`seamless render names --coe ${coe.name}\` prints to its configuration`,
    },
  ];
}
