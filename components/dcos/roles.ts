import type { CoePlan, NodePlan } from "../../plan";
import { dcosPart } from "./model/plan";
import { appsService } from "./model/services";

/** The role that DC/OS reserves all resources of public agents for, and that its first Marathon has. */
export const publicRole = "slave_public";

/**
 * Whether the Marathon of the users' apps is offered public agents. Mesos offers reserved resources only to frameworks
 * of their role: a second Marathon has a role of its own, unless it is given this one.
 */
export function offeredPublic(coe: CoePlan): boolean {
  return appsService(coe) === "marathon" || dcosPart(coe).publicApps === true;
}

/**
 * What an app may say in `acceptedResourceRoles` to run wherever its Marathon is offered resources. Marathon 1.9 and
 * later refuses any role but `*` and its own.
 */
export function acceptedRoles(coe: CoePlan): readonly string[] {
  return offeredPublic(coe) ? ["*", publicRole] : ["*"];
}

/** The agents that may run an app of the users. */
export function appAgents(coe: CoePlan): readonly NodePlan[] {
  const open = offeredPublic(coe);
  return Object.values(coe.nodes).filter(
    ({ role }) => role === "private" || (role === "public" && open),
  );
}
