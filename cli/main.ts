import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { endOnSignals } from "../util/interrupt";
import { checkoutDir } from "../util/paths";
import { registerCommands } from "./commands";
import { registerInternal } from "./internal";

/** Runs the command line and sets the exit code; the contract of the codes is in util/errors.ts. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("seamless")
    .description(
      "Container networks of several orchestrators, reachable from each other by plain BGP",
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  registerCommands(program);
  registerInternal(program);
  endOnSignals(exitCode.interrupted);
  try {
    await program.parseAsync([...argv]);
  } catch (thrown) {
    process.exitCode = report(thrown);
  }
}

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
