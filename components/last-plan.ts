import { getOrganization, getProject, getStack, log, runtime } from "@pulumi/pulumi";
import { z } from "zod";
import { renderChange } from "../plan/change";
import type { Plan } from "../plan/types";
import { anyPlanSchema } from "../plan/version1";
import { messageOf } from "../util/errors";
import { planChange } from "./plan-change";

const answer = z.looseObject({ outputs: z.looseObject({ plan: anyPlanSchema }) });

/**
 * Says in the words of routing what the update changes, as diagnostics of `pulumi preview` and `pulumi up`; nothing where
 * nothing changes, or where there was no update before. Never an error: the update does not depend on it.
 */
export async function tellChange(plan: Plan): Promise<void> {
  try {
    const before = await lastPlan();
    const lines = before === undefined ? [] : renderChange(planChange(before, plan));
    if (lines.length > 0) await log.info(["what changes for routing:", ...lines].join("\n"));
  } catch (thrown) {
    await log.debug(`what changes for routing is not known: ${messageOf(thrown)}`);
  }
}

/**
 * The plan of the last update, from the stack's own outputs. By a function of the engine: a StackReference would be a
 * resource, which stacks that were made before do not have.
 */
export async function lastPlan(): Promise<Plan | undefined> {
  const name = `${getOrganization()}/${getProject()}/${getStack()}`;
  const result = answer.safeParse(await runtime.invoke("pulumi:pulumi:readStackOutputs", { name }));
  return result.success ? result.data.outputs.plan : undefined;
}
