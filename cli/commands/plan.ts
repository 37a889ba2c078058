import { readClusterNodes } from "../../components/cluster-nodes";
import { readStackConfig } from "../../config";
import { makePlan, planDocument, renderPlan } from "../../plan";

export interface ConfigFlags {
  readonly stack: string;
  readonly config?: string;
}

/** The configuration file that the flags mean. */
export function configFile(flags: ConfigFlags): string {
  return flags.config ?? `Pulumi.${flags.stack}.yaml`;
}

/** `seamless plan`: exit code 2 with every problem on standard error when the configuration is invalid. */
export async function run(flags: ConfigFlags & { readonly json?: boolean }): Promise<void> {
  const plan = makePlan(readStackConfig(configFile(flags), readClusterNodes));
  const text = flags.json
    ? JSON.stringify(planDocument(plan), null, 2)
    : renderPlan(plan).join("\n");
  process.stdout.write(`${text}\n`);
}
