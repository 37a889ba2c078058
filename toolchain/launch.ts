import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { type Choice, choosePulumi } from "./choose";
import { makeState, missingEnvironment } from "./environment";
import { ensureHome, homePulumi } from "./home";
import { keepingLabFiles } from "./lab-file";
import { findProgram } from "./prerequisites";

/** The npm bin `pulumi`: runs the right pulumi with the right environment, and ends as it ends. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const choice = await choosePulumi();
    const program = await programOf(choice);
    const added = missingEnvironment(process.env, choice);
    await makeState(added);
    const env = { ...process.env, ...added };
    process.exitCode = await keepingLabFiles(() => run(program, argv, env));
  } catch (thrown) {
    process.stderr.write(`pulumi: ${messageOf(thrown)}\n`);
    process.exitCode = thrown instanceof SeamlessError ? thrown.code : exitCode.operationFailed;
  }
}

async function programOf(choice: Choice): Promise<string> {
  if (choice.kind === "path") return choice.program;
  const missing = await ensureHome();
  if (missing.length === 0) return homePulumi();
  throw new SeamlessError(
    `not built yet: ${missing.join(", ")} (the built pulumi is used because ${choice.why}); run: make toolchain`,
    exitCode.usage,
  );
}

/**
 * Runs pulumi on our standard streams. On a terminal it shares our process group, which gets the user's interrupt from
 * the terminal already: passing it on would be the second one, which pulumi takes as "at once". Without a terminal it
 * gets a group of its own and every signal through us, exactly once, and SIGTERM from the kernel should we be killed.
 */
function run(
  program: string,
  argv: readonly string[],
  env: Record<string, string | undefined>,
): Promise<number> {
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const setpriv = terminal ? undefined : findProgram("setpriv");
  const command =
    setpriv === undefined
      ? [program, ...argv]
      : [setpriv, "--pdeathsig", "TERM", "--", program, ...argv];
  const [file = program, ...args] = command;
  const child = spawn(file, args, { stdio: "inherit", env, detached: setpriv !== undefined });
  passSignals(child, terminal ? ["SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"]);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

function passSignals(child: ChildProcess, passed: readonly NodeJS.Signals[]): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (passed.includes(signal)) child.kill(signal);
    });
  }
}
