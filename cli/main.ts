import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { type ExitCode, exitCode, messageOf, SeamlessError } from "../util/errors";
import { endAll, endOnSignals } from "../util/interrupt";
import { checkoutDir } from "../util/paths";
import { registerCommands } from "./commands";
import { registerInternal } from "./internal";
import { endWithoutOutput } from "./output";

/** Runs the command line and sets the exit code; the contract of the codes is in util/errors.ts. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("seamless")
    .description(
      "Container networks of several orchestrators, reachable from each other by plain BGP",
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "seamless: ")),
    })
    .showHelpAfterError("see: seamless --help")
    .addHelpText("after", further);
  registerCommands(program);
  for (const command of program.commands)
    command.showHelpAfterError(`see: seamless ${command.name()} --help`);
  registerInternal(program);
  endOnSignals(exitCode.interrupted);
  endWithoutOutput(process.stdout, "standard output", endNow);
  endWithoutOutput(process.stderr, "standard error", endNow);
  try {
    await program.parseAsync([...argv]);
  } catch (thrown) {
    process.exitCode = report(thrown);
  }
}

/** Ends what has been started, and this process. What a command has found goes before. */
function endNow(code: ExitCode, message: string): void {
  endAll("SIGHUP").finally(() => {
    process.stderr.write(message);
    process.exit(process.exitCode || code);
  });
}

const further = `
Run it in the folder of the project, where the files of its stacks are.
Data is printed to standard output, progress and errors to standard error.

Exit codes:
  0  fine                              3  nothing could be asked
  1  a check failed                    4  an operation failed
  2  wrong configuration or arguments  130  interrupted

Environment:
  SEAMLESS_CACHE, SEAMLESS_STATE       folders of tools and images, and of the
                                       state (~/.cache, ~/.local/state)
  NO_COLOR, FORCE_COLOR                no colours, or colours off a terminal
  SEAMLESS_DEBUG                       a stack trace with unexpected errors`;

function packageVersion(): string {
  const text = readFileSync(join(checkoutDir(), "package.json"), "utf8");
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

function report(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (thrown instanceof SeamlessError) {
    process.stderr.write(`seamless: ${thrown.message}\n`);
    return thrown.code;
  }
  process.stderr.write(`seamless: ${messageOf(thrown)}\n`);
  if (process.env.SEAMLESS_DEBUG && thrown instanceof Error)
    process.stderr.write(`${thrown.stack}\n`);
  return exitCode.operationFailed;
}
