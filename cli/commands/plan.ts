import { makePlan, renderPlan } from "../../components/kinds/planning";
import { planDocument } from "../../plan";
import { type ConfigFlags, readConfig } from "./config";

export interface PlanFlags extends ConfigFlags {
  readonly json?: boolean;
  readonly assign?: boolean;
}

/** `seamless plan`: exit code 2 with every problem on standard error when the configuration is invalid. */
export async function run(flags: PlanFlags): Promise<void> {
  if (flags.assign === true) return (await import("./assign.js")).run(flags);
  const plan = makePlan(await readConfig(flags));
  const text = flags.json
    ? JSON.stringify(planDocument(plan), null, 2)
    : renderPlan(plan).join("\n");
  process.stdout.write(`${text}\n`);
}
