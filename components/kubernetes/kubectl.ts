import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";

/** Runs kubectl with arguments; never throws. */
export type Kubectl = (args: readonly string[]) => Promise<ExecResult>;

const timeoutMs = 20_000;

/**
 * Lends a kubectl with the given kubeconfig, which is in a private file as long as it is used.
 * @param kubeconfig text of it; the user's own when undefined
 */
export async function withKubectl<T>(
  kubeconfig: string | undefined,
  context: string | undefined,
  use: (kubectl: Kubectl) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "seamless-kubectl-"));
  try {
    const file = join(scratch, "kubeconfig");
    if (kubeconfig !== undefined) await writeFile(file, kubeconfig, { mode: 0o600 });
    const flags = [
      ...(kubeconfig === undefined ? [] : [`--kubeconfig=${file}`]),
      ...(context === undefined ? [] : [`--context=${context}`]),
      `--request-timeout=${timeoutMs / 1000}s`,
    ];
    return await use((args) =>
      exec(["kubectl", ...flags, ...args], {
        timeoutMs,
        // The user's own comes first; the toolchain's is there when there is a lab.
        env: { PATH: [process.env.PATH, toolsBin()].join(delimiter) },
      }),
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
