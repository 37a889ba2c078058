import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCode, SeamlessError } from "../../util/errors";
import type { ExecResult } from "../../util/exec";
import { inScratch } from "../../util/scratch";
import { execTool } from "../../util/tool";
import { type Cluster, clusterOf, type Labels } from "./kubeconfig";

/** Name of the environment variable by which a step is given the text of a kubeconfig. */
export const kubeconfigVariable = "SEAMLESS_KUBECONFIG";

/** kubectl on one cluster. */
export interface Kubectl {
  /** Runs it with arguments; never throws. */
  (args: readonly string[]): Promise<ExecResult>;
  /** Whom it asks; absent when that is up to the user's own kubeconfig. */
  readonly cluster?: Cluster | undefined;
}

/** kubectl tries five times, so it is ended before it gives up itself where nobody answers. */
const timeoutMs = 20_000;

const stepLabels: Labels = { kubeconfig: "access.kubeconfig", context: "access.context" };

/**
 * Lends a kubectl with the given kubeconfig, which is in a private file as long as it is used.
 * @param kubeconfig text of it; the user's own when undefined
 * @throws SeamlessError when the kubeconfig does not say which cluster is meant
 */
export async function withKubectl<T>(
  kubeconfig: string | undefined,
  context: string | undefined,
  use: (kubectl: Kubectl) => Promise<T>,
  labels = stepLabels,
): Promise<T> {
  const cluster = kubeconfig === undefined ? undefined : clusterOf(kubeconfig, context, labels);
  return inScratch("kubectl", async (scratch) => {
    const file = join(scratch, "kubeconfig");
    if (kubeconfig !== undefined) await writeFile(file, kubeconfig, { mode: 0o600 });
    const flags = [
      ...(kubeconfig === undefined ? [] : [`--kubeconfig=${file}`]),
      ...(context === undefined ? [] : [`--context=${context}`]),
      `--request-timeout=${timeoutMs / 1000}s`,
    ];
    const run = (args: readonly string[]) =>
      execTool("kubectl", [...flags, ...args], { timeoutMs });
    return use(Object.assign(run, { cluster }));
  });
}

/** Why a call of kubectl failed, with the endpoint and the way out. */
export function refusal(
  { cluster }: Pick<Kubectl, "cluster">,
  args: readonly string[],
  { stderr, failure }: Pick<ExecResult, "stderr" | "failure">,
): SeamlessError {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const why = [said.replace(/^(error|Error from server): /, ""), failure]
    .filter(Boolean)
    .join(": ");
  const whom =
    cluster === undefined
      ? []
      : [`${cluster.server} (context ${cluster.context}, user ${cluster.user})`];
  const advice = advise(why, cluster?.user ?? "");
  return new SeamlessError(
    [`kubectl ${args.join(" ")}`, ...whom, why, ...(advice === undefined ? [] : [advice])].join(
      ": ",
    ),
    exitCode.nothingToCheck,
  );
}

/** What to do about what kubectl says most often. */
function advise(why: string, user: string): string | undefined {
  if (/Unauthorized|must be logged in/.test(why))
    return `the API server does not know who asks; renew the token or certificate of user ${user} in the kubeconfig`;
  if (/[Ff]orbidden/.test(why)) return `give user ${user} the right to do so`;
  if (/x509|tls: /.test(why))
    return "the server's certificate is not the kubeconfig's; check certificate-authority-data and the address";
  if (/timed out|timeout|refused|no such host|no route|Unable to connect|EOF/.test(why))
    return "nobody answers there; check the address, and that the API server runs";
  return undefined;
}
