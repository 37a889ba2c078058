import { delimiter } from "node:path";
import { type ExecOptions, type ExecResult, exec } from "./exec";
import { toolsBin } from "./paths";

/** How to get a program of others that is run on this machine, where another way is better than the toolchain alone. */
const sources: Readonly<Record<string, string>> = {
  calicoctl: "install calicoctl 3.x, or run: bin/seamless toolchain calicoctl",
  docker: "install Docker's command line (Debian and Ubuntu: apt-get install docker.io)",
  ssh: "install OpenSSH's client (Debian and Ubuntu: apt-get install openssh-client)",
};

/** How to get a program of others. */
export function sourceOf(tool: string): string {
  return sources[tool] ?? `install ${tool}, or run: bin/seamless toolchain ${tool}`;
}

/**
 * Runs a program of others: the user's own on PATH comes first, then what `seamless toolchain` has built. Where there is
 * neither, the failure says how to get it. Does not throw.
 */
export async function execTool(
  tool: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const PATH = [options.env?.PATH ?? process.env.PATH ?? "", toolsBin()].join(delimiter);
  const result = await exec([tool, ...args], { ...options, env: { ...options.env, PATH } });
  return result.failure === `${tool}: not found`
    ? {
        ...result,
        failure: `${tool} is not on PATH: ${sourceOf(tool)}`,
      }
    : result;
}
