import type { CoePlan } from "../../../plan/types";
import { podRanges } from "../../../util/ranges";
import { bgpFindings } from "../../speakers/calico/inspect/bgp";
import { type Finding, inOrderOfWeight } from "../../speakers/calico/inspect/finding";
import { networkFindings, nodeFindings } from "../../speakers/calico/inspect/nodes";
import { peerFindings } from "../../speakers/calico/inspect/peers";
import { otherPolicyFindings, policyFindings } from "../../speakers/calico/inspect/policies";
import { poolFindings } from "../../speakers/calico/inspect/pools";
import { takenFindings } from "../../speakers/calico/inspect/taken";
import { calicoObjects, inOrder } from "../../speakers/calico/objects";
import type { CalicoPlan } from "../../speakers/calico/types";
import { storedObject } from "../objects";
import { agentFindings } from "./agent-findings";
import { poolOrderFindings } from "./pool-order";
import { nameFindings, serviceFindings } from "./services";
import type { CalicoState, ClusterState } from "./state";

/** Everything in which a cluster differs from the plan, what stops the plan first. */
export function compareCluster(coe: CoePlan, plan: CalicoPlan, seen: ClusterState): Finding[] {
  const { calico } = seen;
  return inOrderOfWeight([
    ...(calico === undefined || seen.nativeV3
      ? [noCalico(coe, seen)]
      : calicoFindings(coe, plan, calico)),
    ...serviceFindings(coe, plan, seen),
    ...nameFindings(coe),
  ]);
}

function noCalico(coe: CoePlan, { nativeV3 }: ClusterState): Finding {
  if (nativeV3)
    return {
      id: "calico/api",
      level: "blocks",
      found: "Calico keeps its objects in projectcalico.org/v3, with no crd.projectcalico.org",
      effect:
        "what is applied here is of crd.projectcalico.org/v1, which this Calico does not read",
      advice: "this is not supported: use a Calico with definitions of crd.projectcalico.org",
    };
  return {
    id: "calico",
    level: "blocks",
    found:
      "no Calico: its definitions, or a DaemonSet with the container calico-node, are not there",
    effect: "nobody would speak BGP",
    advice: `install Calico with BIRD and a pool of ${podRanges(coe).join(", and one of ")}`,
  };
}

function calicoFindings(coe: CoePlan, plan: CalicoPlan, calico: CalicoState): Finding[] {
  const objects = calicoObjects(plan);
  return [
    ...agentFindings(coe, plan, calico),
    ...poolOrderFindings(coe, calico.pools),
    ...calico.pools.flatMap((pool) => poolFindings(coe, plan, calico, pool)),
    ...bgpFindings(
      plan,
      calico,
      "none where every node has its session with the reflector: it goes off only then",
    ),
    ...peerFindings(plan, calico),
    ...takenFindings(inOrder(objects).map(storedObject), calico.taken),
    ...nodeFindings(coe, plan, calico),
    ...networkFindings(coe, plan, calico),
    ...policyFindings(coe, calico),
    ...otherPolicyFindings(calico, objects.admission.policy.spec.selector),
  ];
}
