/** The resource type and the function of the `command` package that run a command on this machine. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import {
  type CallContext,
  functionType,
  type Properties,
  type Recorded,
  resourceType,
} from "../../../providers/base/provider";
import { type Output, run } from "./process";

/** Shown lines follow each other at most this fast; of those in between the last one is shown. */
const lineIntervalMs = 200;

const common = {
  addPreviousOutputInEnv: z.boolean().optional(),
  dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  interpreter: z.array(z.string()).min(1).optional(),
  logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).optional(),
  stdin: z.string().optional(),
};

const commandInputs = z.strictObject({
  ...common,
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  triggers: z.array(z.unknown()).optional(),
});
type CommandInputs = z.infer<typeof commandInputs>;

const runInputs = z.strictObject({ ...common, command: z.string() });

/** What is recorded may have been written by an other version: only what is known is looked at. */
const recordedInputs = z.object(commandInputs.shape).omit({ triggers: true });
const recordedOutput = z.object({
  stdout: z.string().default(""),
  stderr: z.string().default(""),
});

type Common = z.infer<z.ZodObject<typeof common>>;
type Context = CallContext<undefined>;

function previousOutput(inputs: Common, state: Properties): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const { stdout, stderr } = recordedOutput.parse(state);
  return { PULUMI_COMMAND_STDOUT: stdout, PULUMI_COMMAND_STDERR: stderr };
}

/**
 * Shows the lines of a running command as its status. Standard output is a result and may hold a derived secret, so
 * it is only shown where `logging` asks for it; standard error tells the progress of long steps.
 */
function lineLogger(inputs: Common, ctx: Context) {
  const logging = inputs.logging ?? "stderr";
  let latest: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const show = () => {
    timer = undefined;
    if (latest === undefined) return;
    ctx.log("info", latest, { ephemeral: true });
    latest = undefined;
    timer = setTimeout(show, lineIntervalMs);
  };
  return {
    onLine(stream: "stdout" | "stderr", line: string): void {
      if ((logging !== "stdoutAndStderr" && logging !== stream) || line.trim() === "") return;
      latest = line.trimEnd();
      if (timer === undefined) show();
    },
    /** Shows what is left, and nothing after that. */
    end(): void {
      clearTimeout(timer);
      if (latest !== undefined) ctx.log("info", latest, { ephemeral: true });
    },
  };
}

async function execute(
  commandLine: string | undefined,
  inputs: Common,
  ctx: Context,
  state: Properties = {},
): Promise<Output> {
  if (commandLine === undefined || commandLine === "") return { stdout: "", stderr: "" };
  const invocation = {
    commandLine,
    interpreter: inputs.interpreter ?? ["/bin/sh", "-c"],
    dir: inputs.dir,
    environment: { ...previousOutput(inputs, state), ...inputs.environment },
    stdin: inputs.stdin,
  };
  const lines = lineLogger(inputs, ctx);
  try {
    return await run(invocation, { signal: ctx.signal, onLine: lines.onLine });
  } finally {
    lines.end();
  }
}

function inputsOf(recorded: Recorded) {
  const inputs = Object.keys(recorded.inputs).length > 0 ? recorded.inputs : recorded.state;
  return recordedInputs.parse(inputs);
}

/** Every input that a command sees could be printed by it. */
const visible = ["create", "update", "delete", "stdin", "environment", "interpreter", "dir"];
const derived = { stdout: [...visible, "triggers"], stderr: [...visible, "triggers"] };

export const localCommand = resourceType<CommandInputs, undefined>({
  token: "command:local:Command",
  inputs: commandInputs,
  computed: ["stdout", "stderr"],
  derived,
  change: (change) =>
    change.property === "triggers" && typeof change.news.update !== "string" ? "replace" : "update",
  async create(inputs, ctx) {
    const output = await execute(inputs.create, inputs, ctx);
    return { id: `local-${randomBytes(8).toString("hex")}`, outputs: { ...output } };
  },
  async update(recorded, news, ctx) {
    return { ...(await execute(news.update ?? news.create, news, ctx, recorded.state)) };
  },
  async delete(recorded, ctx) {
    const inputs = inputsOf(recorded);
    await execute(inputs.delete, inputs, ctx, recorded.state);
  },
});

export const localRun = functionType<z.infer<typeof runInputs>, undefined>({
  token: "command:local:run",
  inputs: runInputs,
  async call(inputs, ctx) {
    const { command, ...rest } = inputs;
    const output = await execute(command, rest, ctx);
    const echoed = Object.entries(inputs).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(echoed), ...output };
  },
});
