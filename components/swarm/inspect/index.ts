import type { CoePlan } from "../../../plan/types";
import { type InspectionReport, refuseBlocking } from "../../speakers/calico/inspect/finding";
import type { OnNode } from "../docker";
import { swarmPart } from "../model/plan";
import { readSwarm, type SwarmState } from "../read";
import { isIn } from "../seen";
import { compareSwarm } from "./compare";
import type { SwarmLook } from "./look";

/** Compares a swarm with its part of the plan, and changes nothing. */
export async function inspect(look: SwarmLook, run: OnNode): Promise<InspectionReport> {
  const seen = await readSwarm(look.coe, run);
  return { about: aboutOf(look.coe, seen), seen, findings: compareSwarm(look, seen) };
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export async function refuseUnsafe(look: SwarmLook, run: OnNode): Promise<void> {
  const { findings } = await inspect(look, run);
  refuseBlocking(look.coe.name, findings);
}

/** A swarm in a few words. */
function aboutOf(coe: CoePlan, { daemons, swarm }: SwarmState): string {
  const answering = Object.values(daemons).flatMap((one) =>
    "unreachable" in one ? [] : [one.info.ServerVersion],
  );
  const docker = `Docker ${[...new Set(answering)].sort().join(" and ") || "does not answer"}`;
  if ("unreachable" in swarm) return `${docker}, no manager answers`;
  const managers = swarm.members.filter(({ Spec }) => Spec.Role === "manager").length;
  const { network } = swarmPart(coe);
  const asked = daemons[swarm.manager];
  const networks = asked === undefined || "unreachable" in asked ? [] : asked.networks;
  const ids = networks.filter(({ Name }) => Name === network).map(({ Id }) => Id);
  const services = swarm.services.filter((one) => isIn(one, [...ids, network])).length;
  return `${docker}, a swarm of ${swarm.members.length} nodes, ${managers} of them managers; ${services} of ${swarm.services.length} services on network ${network}`;
}
