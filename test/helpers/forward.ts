import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";

/** Leads a port of this machine's loopback to one of a Service while it is used. */
export async function withForward<T>(
  kubeconfig: string,
  service: { readonly namespace: string; readonly name: string; readonly port: number },
  use: (url: string) => Promise<T>,
): Promise<T> {
  const { namespace, name, port } = service;
  const child = spawn(
    join(toolsBin(), "kubectl"),
    [
      ...[`--kubeconfig=${kubeconfig}`, "port-forward", "--address=127.0.0.1"],
      ...[`--namespace=${namespace}`, `service/${name}`, `:${port}`],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
  try {
    const url = await waitFor({ what: `a way to ${name}`, timeoutMs: 30_000 }, async () => {
      const [, local] = /Forwarding from (127\.0\.0\.1:\d+)/.exec(said) ?? [];
      return local === undefined
        ? { done: false, seen: said.trim() || "nothing said" }
        : { done: true, value: `http://${local}` };
    });
    return await use(url);
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  }
}
