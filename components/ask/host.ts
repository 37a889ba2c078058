/** A host on which a step works: by SSH, or in the lab, where it is a container. */
import type { Shell } from "../../plan/access";
import { dockerEnv } from "../../util/docker-host";
import { exitCode, SeamlessError } from "../../util/errors";
import { describeFailure, type ExecResult } from "../../util/exec";
import { runProgram } from "./program";
import { runBySsh, type SshOptions, sshComplaint } from "./ssh";

export interface RemoteHost {
  /** For messages, such as `hosts/host-1`. */
  readonly name: string;
  /** Runs a program as root. @throws SeamlessError where it could not be run */
  run(argv: readonly string[], options?: SshOptions): Promise<ExecResult>;
  /** The same, and its standard output. @throws SeamlessError unless its exit code is 0 */
  need(argv: readonly string[], options?: SshOptions): Promise<string>;
  /**
   * Runs a script by `sh -eu`, which gets it on standard input; what it says. What varies is in `args`, never in the text.
   * @throws SeamlessError unless its exit code is 0
   */
  script(
    text: string,
    args?: readonly string[],
    options?: Omit<SshOptions, "input">,
  ): Promise<string>;
}

/**
 * A host, by the way to run a program on it.
 * @param name for messages
 * @throws SeamlessError for one that is only reached through its COE
 */
export function remoteHost(name: string, shell: Shell): RemoteHost {
  const run = runnerOf(name, shell);
  return {
    ...{ name, run },
    async need(argv, options) {
      const result = await run(argv, options);
      if (result.code === 0) return result.stdout;
      throw new SeamlessError(`${name}: ${describeFailure(argv, result)}`);
    },
    async script(text, args = [], options = {}) {
      const result = await run(["sh", "-eu", "-s", "--", ...args], { ...options, input: text });
      if (result.code === 0) return result.stdout;
      throw new SeamlessError(`${name}: ${describeFailure(["sh"], result).replace(/^sh: /, "")}`);
    },
  };
}

function runnerOf(name: string, shell: Shell): RemoteHost["run"] {
  switch (shell.via) {
    case "ssh":
      return async (argv, options) => {
        const result = await runBySsh(shell, argv, options);
        const complaint = sshComplaint(shell, result);
        if (complaint === undefined) return result;
        throw new SeamlessError(`${name}: ${complaint}`, exitCode.nothingToCheck);
      };
    case "docker":
      return async (argv, { input = "", timeoutMs = 60_000 } = {}) => {
        const args = ["exec", "--interactive", shell.container, ...argv];
        const options = { env: dockerEnv(shell), input, timeoutMs };
        const result = await runProgram("docker", args, options);
        const lost =
          result.failure ??
          /^(Error response from daemon|Cannot connect|error during connect).*/m.exec(
            result.stderr,
          )?.[0];
        if (lost === undefined) return result;
        throw new SeamlessError(`${name}: ${lost}`, exitCode.nothingToCheck);
      };
    default:
      throw new SeamlessError(`${name}: no program can be run on this host by itself`);
  }
}
