import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { loadAll } from "js-yaml";
import { z } from "zod";
import type { StartContext } from "../../../lab/contract";
import type { NodePlan } from "../../../plan/types";
import { SeamlessError } from "../../../util/errors";
import { listOf } from "../../../util/ranges";
import { waitFor } from "../../../util/wait";
import { usualFrrNamespace } from "../../cluster/model/frr-namespace";
import { frrK8sAsset } from "../../speakers/frr-k8s/lab/files";
import { adaptFrrManifest } from "../../speakers/frr-k8s/lab/manifest";
import { applyManifest, type Kubectl, startCluster } from "./start";

const registerMs = 120_000;
const rolloutMs = 300_000;

/** Starts a cluster without Calico: its nodes get their ranges, and FRR-K8s is installed as its own manifest does. */
export async function startFrrK8s(context: StartContext): Promise<void> {
  const { coe, say } = context;
  await startCluster(context, async (kubectl) => {
    for (const node of Object.values(coe.nodes)) await giveRange(kubectl, node, say);
    say("installing FRR-K8s");
    const text = readFileSync(frrK8sAsset("config", "all-in-one", "frr-k8s.yaml"), "utf8");
    await applyManifest(kubectl, "FRR-K8s", adaptFrrManifest(loadAll(text)));
    // The API asks its webhook about every object; and the update looks at the cluster as at anybody's.
    for (const what of ["deployment/frr-k8s-statuscleaner", "daemonset/frr-k8s-daemon"]) {
      const limit = `--timeout=${rolloutMs / 1000}s`;
      const argv = ["rollout", "status", what, `--namespace=${usualFrrNamespace}`, limit];
      const { code, stdout, stderr } = await kubectl(argv, { timeoutMs: rolloutMs + 10_000 });
      if (code !== 0)
        throw new Error(`kubectl ${argv.join(" ")}: ${stderr.trim()} ${stdout.trim()}`);
    }
  });
}

const nodeRanges = z.object({
  spec: z.object({ podCIDRs: z.array(z.string()).default([]) }),
});

/**
 * Gives a node the range that the plan has for it, once its kubelet has made it known. On other clusters the controllers of
 * Kubernetes choose ranges, in the order in which nodes come.
 */
export async function giveRange(
  kubectl: Kubectl,
  { id, name, podCidr }: NodePlan,
  say: (message: string) => void,
): Promise<void> {
  const planned = listOf(podCidr);
  const options = { what: `the node ${id}`, timeoutMs: registerMs, onWait: say };
  const found = await waitFor(options, async () => {
    const { code, stdout, stderr } = await kubectl(["get", "node", name, "--output=json"]);
    if (code !== 0) return { done: false, seen: stderr.trim() };
    return { done: true, value: nodeRanges.parse(JSON.parse(stdout)).spec.podCIDRs };
  });
  if (isDeepStrictEqual(found, planned)) return;
  if (found.length > 0)
    throw new SeamlessError(
      `${id}: found podCIDRs ${found.join(", ")}, and the plan has ${planned.join(", ")}; Kubernetes gives a node its ranges once: plan those, or destroy the lab and make it anew`,
    );
  const spec = { podCIDR: planned[0], podCIDRs: planned };
  const patch = ["patch", "node", name, "--type=merge", `--patch=${JSON.stringify({ spec })}`];
  const { code, stderr } = await kubectl(patch);
  if (code !== 0) throw new Error(`kubectl patch node ${name}: ${stderr.trim()}`);
}
