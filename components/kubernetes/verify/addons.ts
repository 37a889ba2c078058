import { z } from "zod";
import type { CoePlan } from "../../../plan/types";
import { parseAddress } from "../../../util/net";
import { containedIn, listOf } from "../../../util/ranges";
import { parsed } from "../../ask/shell";
import type { Answer } from "../../ask/types";
import type { Kubectl } from "../../cluster/verify";
import { probeName } from "../../contract/probe";
import { behindApi } from "./behind-api";
import { dashboard } from "./dashboard";

/** A name every cluster has: that of its own API. */
const knownName = "kubernetes.default.svc.cluster.local";

const podNames = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
});
const nodeMetrics = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
});

/** Uses an add-on as a pod, or a user with kubectl, would. */
export function useAddon(name: string, coe: CoePlan, kubectl: Kubectl): Promise<Answer<string>> {
  const uses: Readonly<Record<string, typeof resolve>> = {
    dns: resolve,
    metrics,
    dashboard,
  };
  const use = uses[name];
  return use === undefined
    ? Promise.resolve({ ok: false, asked: coe.name, error: `no way to use ${name} is known` })
    : use(coe, kubectl);
}

/** Resolves a name from a probe's pod. */
async function resolve(coe: CoePlan, kubectl: Kubectl): Promise<Answer<string>> {
  // One that waits for a node has nobody to ask from.
  const running = ["-l", `app=${probeName}`, "--field-selector=status.phase=Running"];
  const pods = parsed(
    await kubectl(["get", "pods", "-n", "seamless", ...running, "-o", "json"]),
    (text) => podNames.parse(JSON.parse(text)).items,
  );
  if (!pods.ok) return pods;
  const pod = pods.value[0];
  if (pod === undefined) return { ok: false, asked: pods.asked, error: "no probe to ask from" };
  const lookup = ["/bin/busybox", "timeout", "5", "/bin/busybox", "nslookup", knownName];
  const reply = await kubectl(["exec", "-n", "seamless", pod.metadata.name, "--", ...lookup]);
  return parsed(reply, (text) => resolved(coe, text));
}

/** @throws Error when the answer is no address of the cluster's services, which counts as an unexpected answer */
function resolved(coe: CoePlan, text: string): string {
  // The server comes first.
  const address = [...text.matchAll(/^Address(?: \d+)?:\s*([\da-fA-F.:]+)/gm)].at(-1)?.[1] ?? "";
  const planned = coe.serviceCidr === undefined || containedIn(listOf(coe.serviceCidr), address);
  if (parseAddress(address) === undefined || !planned) throw new Error(address);
  return `${knownName} is ${address}`;
}

/** What `kubectl top nodes` shows. */
async function metrics(coe: CoePlan, kubectl: Kubectl): Promise<Answer<string>> {
  const found = parsed(await behindApi(kubectl, "/apis/metrics.k8s.io/v1beta1/nodes"), (text) =>
    nodeMetrics.parse(JSON.parse(text)).items.map(({ metadata }) => metadata.name),
  );
  return figures(coe, found);
}

function figures(coe: CoePlan, found: Answer<readonly string[]>): Answer<string> {
  if (!found.ok) return found;
  const { asked, value } = found;
  const missing = Object.keys(coe.nodes).filter((name) => !value.includes(name));
  return missing.length === 0
    ? { ok: true, asked, value: `figures of ${value.length} nodes` }
    : { ok: false, asked, error: `no figures of ${missing.join(", ")}`, late: true };
}
