import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { backVariable, refusalVariable } from "../../components/gate-input";
import { type ExitCode, exitCode, SeamlessError } from "../../util/errors";
import { exec } from "../../util/exec";
import { inScratch } from "../../util/scratch";
import { backFile, lastGood } from "../back";
import { pulumiIn, showPulumi } from "../pulumi";
import { readConfig } from "./config";

export interface UpFlags {
  readonly stack: string;
}

/** How `pulumi` is run. */
export interface Engine {
  /** Runs it with its output shown as it comes. @returns its exit code */
  run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number>;
  /** Runs it and returns what it printed. @throws SeamlessError when it fails */
  read(args: readonly string[]): Promise<string>;
}

/** `seamless up`: `pulumi up`, and back to the configuration of the last update where the gate refuses. */
export async function run(flags: UpFlags): Promise<void> {
  const file = `Pulumi.${flags.stack}.yaml`;
  if ((await readConfig(flags)).gate !== true)
    throw new SeamlessError(
      `${file}: found no seamless:gate; allowed here: true; without a gate nothing says when to go back, so run: pulumi up`,
      exitCode.usage,
    );
  process.exitCode = await upOrBack(engineIn(process.cwd()), flags.stack, file, (text) => {
    process.stderr.write(`${text}\n`);
  });
}

/**
 * Updates a stack; where its gate refuses, updates it again with the configuration of the last update that went well.
 * @returns 0 updated, 1 the gate refused and the stack is back, 4 neither
 */
export async function upOrBack(
  engine: Engine,
  stack: string,
  file: string,
  say: (text: string) => void,
): Promise<ExitCode> {
  const flags = ["--yes", "--skip-preview", "--suppress-outputs", "--stack", stack];
  // Before the update: a failed one is in the history, too.
  const good = lastGood(
    await engine.read(["stack", "history", "--json", "--page-size", "50", "--stack", stack]),
  );
  return inScratch("up", async (scratch) => {
    const refusal = join(scratch, "refusal");
    if ((await engine.run(["up", ...flags], { [refusalVariable]: refusal })) === 0)
      return exitCode.ok;
    if (!existsSync(refusal)) {
      say("the update failed, and not at its gate: nothing is taken back; its output is above");
      return exitCode.operationFailed;
    }
    if (good === undefined) {
      say("the gate refused, and there is no update before this one to go back to");
      return exitCode.operationFailed;
    }
    say(`the gate refused; going back to the configuration of ${good.time}`);
    const before = join(scratch, `Pulumi.${stack}.yaml`);
    await writeFile(before, backFile(await readFile(file, "utf8"), file, good), { mode: 0o600 });
    const back = await engine.run(["up", ...flags, "--config-file", before], {
      [backVariable]: "1",
    });
    const why = (await readFile(refusal, "utf8")).trim();
    say(
      back === 0
        ? `${why}\nthe stack is back on the configuration of ${good.time}; ${file} still has the change`
        : `${why}\ngoing back failed, too; its output is above. Reflectors accept the old and the new; mend it and run: pulumi up`,
    );
    return back === 0 ? exitCode.checkFailed : exitCode.operationFailed;
  });
}

function engineIn(project: string): Engine {
  return {
    run: (args, env) => showPulumi(project, args, env),
    read: async (args) => {
      const result = await exec([pulumiIn(project), ...args, "--non-interactive"], {
        cwd: project,
        timeoutMs: 120_000,
      });
      if (result.code === 0) return result.stdout;
      throw new SeamlessError(
        `pulumi ${args[0]} ${args[1]}: ${result.stderr.trim() || result.failure}`,
        exitCode.nothingToCheck,
      );
    },
  };
}
