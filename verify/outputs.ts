import { join } from "node:path";
import { z } from "zod";
import { accessSchema } from "../plan/access";
import { anyPlanSchema } from "../plan/version1";
import { exitCode, SeamlessError } from "../util/errors";
import { exec } from "../util/exec";

/** What `seamless verify` reads from the stack: the plan, how to reach its parts, which COEs run a probe. */
export type StackOutputs = z.infer<typeof outputs>;
const outputs = z
  .object({
    plan: anyPlanSchema,
    access: accessSchema,
    /** Names of the COEs that run the probe. */
    probes: z.array(z.string()).readonly().default([]),
  })
  .readonly();

/** Checks the JSON of `pulumi stack output --json --show-secrets`. */
export function parseOutputs(text: string, from: string): StackOutputs {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new SeamlessError(`${from}: not JSON`, exitCode.usage);
  }
  if (raw !== null && typeof raw === "object" && Object.keys(raw).length === 0) {
    throw new SeamlessError(
      `${from}: no outputs; the stack is not up. Run: pulumi up`,
      exitCode.nothingToCheck,
    );
  }
  const result = outputs.safeParse(raw);
  if (result.success) return result.data;
  const what = result.error.issues
    .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
    .join("; ");
  throw new SeamlessError(`${from}: not the outputs of this program: ${what}`, exitCode.usage);
}

/** Reads a stack's outputs by the project's own `pulumi`. */
export async function readStackOutputs(project: string, stack: string): Promise<StackOutputs> {
  const pulumi = join(project, "node_modules", ".bin", "pulumi");
  const argv = [
    "stack",
    "output",
    "--json",
    "--show-secrets",
    "--stack",
    stack,
    "--non-interactive",
  ];
  const result = await exec([pulumi, ...argv], { cwd: project, timeoutMs: 60_000 });
  if (result.code === 0) return parseOutputs(result.stdout, `stack ${stack}`);
  const said = result.stderr.trim() || result.failure || `exit code ${result.code}`;
  throw new SeamlessError(
    `stack ${stack}: cannot read its outputs: ${said}. If it does not exist yet, run: pulumi up --stack ${stack}`,
    exitCode.nothingToCheck,
  );
}
