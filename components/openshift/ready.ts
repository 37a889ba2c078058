import { z } from "zod";
import type { CoePlan } from "../../plan/types";
import { waitFor } from "../../util/wait";
import { type Kubectl, refusal } from "../cluster/kubectl";
import { optional } from "../cluster/objects";
import { frrNamespace } from "./model";

/** The operator rolls OVN-Kubernetes out anew, a node after the other. */
const timeoutMs = 20 * 60_000;

const daemonStatus = z.looseObject({
  desiredNumberScheduled: z.number().default(0),
  numberReady: z.number().default(0),
});

/** What the operator makes once it is told to, by the names of its definitions. */
const needed = ["frrconfigurations.frrk8s.metallb.io", "routeadvertisements.k8s.ovn.org"];

/** Waits until the operator has made FRR-K8s, and it runs on all nodes. @throws Error with what is missing at the deadline */
export async function waitForOperator(
  kubectl: Kubectl,
  { name }: Pick<CoePlan, "name">,
  say: (message: string) => void,
  limitMs = timeoutMs,
): Promise<void> {
  const options = {
    what: `the network operator of ${name} to have FRR-K8s on all nodes`,
    timeoutMs: limitMs,
    intervalMs: 2_000,
    onWait: say,
  };
  await waitFor(options, async () => {
    const missing = await missingOf(kubectl);
    return missing === undefined
      ? { done: true, value: undefined }
      : { done: false, seen: missing };
  });
}

async function missingOf(kubectl: Kubectl): Promise<string | undefined> {
  for (const definition of needed) {
    const [found] = await optional(kubectl, ["customresourcedefinitions", definition]);
    if (found === undefined) return `no definition ${definition} yet`;
  }
  const args = ["get", "daemonsets", "--namespace", frrNamespace, "-o", "json"];
  const result = await kubectl(args);
  if (result.code !== 0) throw refusal(kubectl, args, result);
  const { items } = z
    .object({ items: z.array(z.looseObject({ status: daemonStatus.prefault({}) })) })
    .parse(JSON.parse(result.stdout));
  const [first] = items;
  if (first === undefined) return `no DaemonSet in ${frrNamespace} yet`;
  const { desiredNumberScheduled: wanted, numberReady: ready } = first.status;
  return wanted > 0 && ready >= wanted
    ? undefined
    : `${ready} of ${wanted} pods of FRR-K8s are ready`;
}
