import { spawn } from "node:child_process";
import { join } from "node:path";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { onInterrupt } from "../util/interrupt";

/** The launcher of the project's `pulumi`. */
export function pulumiIn(project: string): string {
  return join(project, "node_modules", ".bin", "pulumi");
}

/**
 * Runs `pulumi` with its output shown as it comes.
 * @param env variables beside those of this process. Default: none
 * @returns its exit code
 * @throws SeamlessError when it cannot be started
 */
export function showPulumi(
  project: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(pulumiIn(project), [...args, "--non-interactive"], {
      cwd: project,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = new Promise<void>((done) => {
      child.once("error", () => done());
      child.once("close", () => done());
    });
    const done = onInterrupt((signal) => {
      // At a terminal an interrupt has reached it already, and a second one would be "at once".
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
      return ended;
    });
    child.on("error", (thrown) => reject(new SeamlessError(`pulumi: ${messageOf(thrown)}`)));
    child.on("close", (code) => {
      done();
      resolve(code ?? exitCode.operationFailed);
    });
  });
}
