import { z } from "zod";
import { SeamlessError } from "../../../util/errors";
import { type Kubectl, refusal } from "../../cluster/kubectl";
import { dashboardNamespace } from "./dashboard";
import { dnsName, dnsServiceName } from "./dns";
import { metricsApi, metricsName } from "./metrics";

interface Reference {
  readonly kind: string;
  readonly name: string;
  /** Absent for what belongs to the whole cluster. */
  readonly namespace?: string;
}

const inSystem = (kind: string, name: string): Reference => ({
  kind,
  name,
  namespace: "kube-system",
});

/** By add-on: the objects that show that a cluster has it already, from whomever. */
const signs: Readonly<Record<string, readonly Reference[]>> = {
  dns: [
    inSystem("deployment", dnsName),
    inSystem("deployment", dnsServiceName),
    inSystem("service", dnsServiceName),
  ],
  metrics: [inSystem("deployment", metricsName), { kind: "apiservice", name: metricsApi }],
  // Up to version 1 it was in kube-system.
  dashboard: [
    { kind: "namespace", name: dashboardNamespace },
    inSystem("deployment", "kubernetes-dashboard"),
  ],
};

const found = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
});

/**
 * Looks for add-ons that somebody else has made; two name servers of one address would not do, and taking one over would
 * mean to remove it with the stack.
 * @throws SeamlessError that names each, and what to do
 */
export async function refuseForeign(
  kubectl: Kubectl,
  coe: string,
  addons: readonly string[],
): Promise<void> {
  const lines: string[] = [];
  for (const addon of addons) {
    for (const { kind, name, namespace } of signs[addon] ?? []) {
      const place = namespace === undefined ? [] : ["--namespace", namespace];
      const result = await kubectl([
        "get",
        kind,
        name,
        ...place,
        "-o",
        "json",
        "--ignore-not-found",
      ]);
      if (result.code !== 0) throw refusal(kubectl, ["get", kind, name], result);
      if (result.stdout.trim() === "" || isOurs(result.stdout)) continue;
      const where = namespace === undefined ? name : `${namespace}/${name}`;
      lines.push(
        `coes.${coe}.addons.${addon}: the cluster has its own (${kind} ${where}); leave ${addon} out to keep that, or remove it first`,
      );
    }
  }
  if (lines.length > 0) throw new SeamlessError(lines.join("\n"));
}

function isOurs(json: string): boolean {
  const { labels } = found.parse(JSON.parse(json)).metadata;
  return labels["app.kubernetes.io/managed-by"] === "seamless";
}
