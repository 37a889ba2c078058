import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { accessSchema } from "../plan/access";
import { anyPlanSchema } from "../plan/version1";
import { exitCode, SeamlessError } from "../util/errors";
import { type ExecResult, exec } from "../util/exec";
import { outputsIn } from "./exported";

/** What `seamless verify` reads from the stack: the plan, how to reach its parts, which COEs run a probe. */
export type StackOutputs = z.infer<typeof outputs>;
const outputs = z
  .object({
    plan: anyPlanSchema,
    access: accessSchema,
    /** Names of the COEs that run the probe. */
    probes: z.array(z.string()).readonly().default([]),
    /** What the steps of the stack printed, by the names of their resources; only an exported state has it. */
    printed: z.record(z.string(), z.string()).readonly().exactOptional(),
  })
  .readonly();

/** Checks the JSON of `pulumi stack output --json --show-secrets`. */
export function parseOutputs(text: string, from: string): StackOutputs {
  const raw = outputsIn(parsed(text, from), from);
  if (isEmpty(raw)) {
    const [named = ""] = /(?<=^stack)\s.+$/.exec(from) ?? [];
    throw new SeamlessError(
      `${from}: no outputs; the stack is not up. Run: pulumi up${named && ` --stack${named}`}`,
      exitCode.nothingToCheck,
    );
  }
  return checked(outputs, raw, from);
}

/** The plan among a stack's outputs; undefined where the stack is not up. */
export function parsePlanOutput(text: string, from: string): StackOutputs["plan"] | undefined {
  const raw = outputsIn(parsed(text, from), from);
  return isEmpty(raw) ? undefined : checked(planOutput, raw, from).plan;
}

const planOutput = z.looseObject({ plan: anyPlanSchema });

function parsed(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SeamlessError(
      `${from}: found no JSON; allowed: what \`pulumi stack output --json --show-secrets\` prints`,
      exitCode.usage,
    );
  }
}

function isEmpty(raw: unknown): boolean {
  return raw !== null && typeof raw === "object" && Object.keys(raw).length === 0;
}

function checked<T>(schema: z.ZodType<T>, raw: unknown, from: string): T {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const what = result.error.issues
    .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
    .join("; ");
  throw new SeamlessError(`${from}: not the outputs of this program: ${what}`, exitCode.usage);
}

/** Reads a stack's outputs by the project's own `pulumi`. */
export async function readStackOutputs(project: string, stack: string): Promise<StackOutputs> {
  return parseOutputs(await stackOutputsText(project, stack), `stack ${stack}`);
}

/** All outputs of a stack as JSON, with its secrets. */
export async function stackOutputsText(project: string, stack: string): Promise<string> {
  const result = await stackOutputs(project, stack, ["--show-secrets"]);
  if (result.code !== 0) throw unread(stack, result);
  return result.stdout;
}

/** Reads the plan of the last update by the project's own `pulumi`; undefined where the stack is not up, or not there. */
export async function readStackPlan(
  project: string,
  stack: string,
): Promise<StackOutputs["plan"] | undefined> {
  const result = await stackOutputs(project, stack, []);
  if (noSuchStack(result)) return undefined;
  if (result.code !== 0) throw unread(stack, result);
  return parsePlanOutput(result.stdout, `stack ${stack}`);
}

async function stackOutputs(
  project: string,
  stack: string,
  flags: readonly string[],
): Promise<ExecResult> {
  const pulumi = join(project, "node_modules", ".bin", "pulumi");
  if (!existsSync(pulumi))
    throw new SeamlessError(
      `stack ${stack}: ${project} is not the folder of the project, whose pulumi reads the stack's outputs: change to that folder, or name a file with --outputs`,
      exitCode.usage,
    );
  const argv = ["stack", "output", "--json", ...flags, "--stack", stack, "--non-interactive"];
  return exec([pulumi, ...argv], { cwd: project, timeoutMs: 60_000 });
}

function noSuchStack({ stderr }: ExecResult): boolean {
  return /no stack named/.test(stderr);
}

function unread(stack: string, result: ExecResult): SeamlessError {
  if (noSuchStack(result))
    return new SeamlessError(
      `stack ${stack}: no such stack; run: pulumi stack init ${stack}, then: pulumi up --stack ${stack}`,
      exitCode.nothingToCheck,
    );
  const said = result.stderr.trim() || result.failure || `exit code ${result.code}`;
  return new SeamlessError(
    `stack ${stack}: cannot read its outputs: ${said}`,
    exitCode.nothingToCheck,
  );
}
