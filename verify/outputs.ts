import { join } from "node:path";
import { z } from "zod";
import type { Access } from "../plan/access";
import { planSchema } from "../plan/schema";
import type { Plan } from "../plan/types";
import { exitCode, SeamlessError } from "../util/errors";
import { exec } from "../util/exec";

/** What `seamless verify` reads from the stack: the plan, how to reach its parts, which engines run a probe. */
export interface StackOutputs {
  readonly plan: Plan;
  readonly access: Access;
  /** Names of the engines that run the probe. */
  readonly probes: readonly string[];
}

const shell = z.discriminatedUnion("via", [
  z.object({
    via: z.literal("docker"),
    dockerHost: z.string(),
    container: z.string(),
    dockerCerts: z.string().exactOptional(),
  }),
  z.object({ via: z.literal("ssh"), target: z.string() }),
  z.object({ via: z.literal("kubectl") }),
]);

const access = z.object({
  reflectors: z.record(z.string(), shell.and(z.object({ api: z.string().exactOptional() }))),
  coes: z.record(
    z.string(),
    z.object({
      kubeconfig: z.string().exactOptional(),
      context: z.string().exactOptional(),
      url: z.string().exactOptional(),
      ca: z.string().exactOptional(),
      uid: z.string().exactOptional(),
      token: z.string().exactOptional(),
      password: z.string().exactOptional(),
      privateKey: z.string().exactOptional(),
      etcdEndpoints: z.array(z.string()).exactOptional(),
      nodes: z.record(z.string(), shell),
    }),
  ),
});

const outputs = z.object({ plan: planSchema, access, probes: z.array(z.string()).default([]) });

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
