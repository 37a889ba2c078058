import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dump } from "js-yaml";
import type { StartContext } from "../../../lab/contract";
import { credentialsOf } from "../../../lab/hosts/write";
import { archiveName } from "../../../lab/images";
import { hostFolders } from "../../../lab/images/images";
import { machineNames } from "../../../lab/machine/names";
import { hostContainer } from "../../../lab/names";
import { dockerEnv } from "../../../util/docker-host";
import { type ExecOptions, type ExecResult, exec, execOrThrow } from "../../../util/exec";
import { toolsBin } from "../../../util/paths";
import { inScratch } from "../../../util/scratch";
import { allOrNone } from "../../../util/together";
import { waitFor } from "../../../util/wait";
import { kubernetesCredentials, kubernetesLab } from ".";

const bootMs = 120_000;
const importMs = 300_000;
/** Where a host keeps which images it was given; beside them, so that it goes with them. */
const imagesMark = "/var/lib/containerd/seamless-images";

/** Asks the cluster, as its administrator. */
export type Kubectl = (
  args: readonly string[],
  options?: Pick<ExecOptions, "input" | "signal" | "timeoutMs">,
) => Promise<ExecResult>;

/** Gives every host the images of its pods, waits for the API, and installs what speaks BGP on the nodes. */
export async function startCluster(
  context: StartContext,
  install: (kubectl: Kubectl) => Promise<void>,
): Promise<void> {
  const { coe, ports, lab } = context;
  const { administrator, server } = kubernetesCredentials.of(ports);
  await inScratch("start", async (scratch) => {
    const kubeconfig = join(scratch, "kubeconfig");
    const text = await credentialsOf(lab, coe, kubernetesLab, { server, administrator });
    await writeFile(kubeconfig, text, { mode: 0o600 });
    const kubectl: Kubectl = (args, options = {}) =>
      exec([join(toolsBin(), "kubectl"), `--kubeconfig=${kubeconfig}`, ...args], {
        timeoutMs: 120_000,
        ...options,
      });
    await allOrNone(
      (signal) => importImages(context, signal),
      (signal) => waitForApi(context, server, kubectl, signal),
    );
    await install(kubectl);
  });
}

/** Applies a manifest. @param what it is of @throws Error with what the API has against it */
export async function applyManifest(
  kubectl: Kubectl,
  what: string,
  manifest: readonly object[],
): Promise<void> {
  const documents = manifest.map((one) => dump(one, { noRefs: true })).join("---\n");
  // Applied by the server: the definitions are too long for kubectl's own annotation.
  const apply = ["apply", "--server-side", "--force-conflicts", "--filename=-"];
  const applied = await kubectl([...apply, "--field-manager=seamless-lab"], { input: documents });
  if (applied.code !== 0) throw new Error(`kubectl apply of ${what}: ${applied.stderr.trim()}`);
}

async function waitForApi(
  { coe, say }: StartContext,
  server: string,
  kubectl: Kubectl,
  signal: AbortSignal,
): Promise<void> {
  const what = `the API server of ${coe.name} at ${server}`;
  await waitFor({ what, timeoutMs: bootMs, onWait: say, signal }, async () => {
    const result = await kubectl(["get", "--raw", "/readyz", "--request-timeout=5s"], { signal });
    return result.code === 0
      ? { done: true, value: undefined }
      : { done: false, seen: unready(result.stderr) };
  });
}

/** What is not ready yet: an API server lists everything it looked at, in one line. */
function unready(stderr: string): string {
  const failed = [...stderr.matchAll(/\[-\](\S+) failed/g)].map(([, check]) => check);
  if (failed.length > 0) return `not ready: ${failed.join(", ")}`;
  return stderr.trim().split("\n").at(-1) ?? "";
}

/** Without a registry, each host's containerd gets the images from an archive. */
async function importImages(
  { lab, coe, images, say }: StartContext,
  given: AbortSignal,
): Promise<void> {
  const env = dockerEnv(machineNames(lab));
  const nodes = Object.values(coe.nodes);
  let done = 0;
  await allOrNone(
    ...nodes.map((node) => async (own: AbortSignal) => {
      const signal = AbortSignal.any([given, own]);
      const inHost = ["docker", "exec", hostContainer(lab, coe.name, node.name)];
      const mark = await exec([...inHost, "cat", imagesMark], { env, signal });
      if (mark.code === 0 && mark.stdout.trim() === images) return;
      const what = `containerd of ${node.id}`;
      await waitFor({ what, timeoutMs: bootMs, onWait: say, signal }, async () => {
        const version = await exec([...inHost, "ctr", "version"], { env, signal });
        return version.code === 0
          ? { done: true, value: undefined }
          : { done: false, seen: version.stderr.trim().split("\n").at(-1) ?? "" };
      });
      const archive = `${hostFolders.images}/${archiveName}`;
      const argv = [...inHost, "ctr", "--namespace", "k8s.io", "images", "import", archive];
      await execOrThrow(argv, { env, signal, timeoutMs: importMs });
      await execOrThrow([...inHost, "sh", "-c", 'echo "$1" > "$2"', "sh", images, imagesMark], {
        env,
        signal,
      });
      done += 1;
      say(`images given to ${done} of ${nodes.length} hosts`);
    }),
  );
}
