import { readFile } from "node:fs/promises";
import { makePlan } from "../../components/kinds/planning";
import { planChange } from "../../components/plan-change";
import type { Plan } from "../../plan";
import { changeDocument, emptyPlan, renderChange } from "../../plan/change";
import { planDocumentSchema } from "../../plan/document";
import { anyPlanSchema } from "../../plan/version1";
import { exitCode, SeamlessError, whyNoFile } from "../../util/errors";
import { parsePlanOutput, readStackPlan } from "../../verify/outputs";
import { type ConfigFlags, configFile, readConfig } from "./config";

export interface PreviewFlags extends ConfigFlags {
  /** File with the outputs of the stack. */
  readonly outputs?: string;
  /** File with a plan. */
  readonly from?: string;
  readonly expectNoLoss?: boolean;
  readonly json?: boolean;
}

/** `seamless preview`: exit code 0, or 1 when loss is expected and must not be; it asks no COE and no router. */
export async function run(flags: PreviewFlags): Promise<void> {
  if (flags.outputs !== undefined && flags.from !== undefined)
    throw new SeamlessError("--outputs and --from: found both; allowed: one", exitCode.usage);
  const after = makePlan(await readConfig(flags));
  const { plan: before = emptyPlan(after), from } = await previous(flags);
  const to = configFile(flags);
  const change = planChange(before, after);
  if (flags.json) print(JSON.stringify(changeDocument(change, from, to), null, 2));
  else {
    const lines = renderChange(change);
    print(
      lines.length === 0
        ? `${from} -> ${to}: nothing changes for sessions, ranges, reachability and traffic`
        : [`${from} -> ${to}`, ...lines].join("\n"),
    );
  }
  if (flags.expectNoLoss === true && change.losses.length > 0)
    process.exitCode = exitCode.checkFailed;
}

/** The plan of the last update; undefined where there was none. */
async function previous(
  flags: PreviewFlags,
): Promise<{ readonly plan: Plan | undefined; readonly from: string }> {
  const { from, outputs, stack } = flags;
  if (from !== undefined) return { plan: planIn(await read("--from", from), from), from };
  if (outputs !== undefined)
    return { plan: parsePlanOutput(await read("--outputs", outputs), outputs), from: outputs };
  const plan = await readStackPlan(process.cwd(), stack);
  return { plan, from: plan === undefined ? `stack ${stack} (not up)` : `stack ${stack}` };
}

async function read(flag: string, file: string): Promise<string> {
  return readFile(file, "utf8").catch((thrown) => {
    throw new SeamlessError(`${flag} ${file}: ${whyNoFile(thrown)}`, exitCode.usage);
  });
}

/** A plan as the program prints it, or as it is among a stack's outputs. */
function planIn(text: string, file: string): Plan {
  const allowed = "allowed: what `seamless plan --json` prints";
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new SeamlessError(`--from ${file}: found no JSON; ${allowed}`, exitCode.usage);
  }
  for (const schema of [planDocumentSchema, anyPlanSchema]) {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
  }
  throw new SeamlessError(`--from ${file}: found no plan; ${allowed}`, exitCode.usage);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
