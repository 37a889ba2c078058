import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { secret } from "@pulumi/pulumi";
import type { ExternalAccess } from "../../config/types";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import type { CoeKind } from "../types";
import { clusterOf } from "./kubeconfig";
import { KubernetesPeering } from "./peering";

/** Kubernetes: everything by its API; a node is asked through its calico-node pod. */
export const kubernetes: CoeKind = {
  make: (name, args, options) => new KubernetesPeering(name, args, options),
  external: (access) => ({
    kubeconfig: secret(readKubeconfig(access)),
    ...(access.context === undefined ? {} : { context: access.context }),
  }),
  shell: () => ({ via: "kubectl" }),
  // Controllers are tainted as a rule.
  probeNodes: (coe) => Object.values(coe.nodes).filter((node) => node.role === "worker").length,
};

/** @throws SeamlessError that names the file and what is wrong with it. */
function readKubeconfig({ kubeconfig, context }: ExternalAccess): string {
  const file = kubeconfig ?? "~/.kube/config";
  const path = file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    throw new SeamlessError(
      `access.kubeconfig: found ${file}, which cannot be read: ${messageOf(thrown)}`,
      exitCode.usage,
    );
  }
  clusterOf(text, context, { kubeconfig: `access.kubeconfig ${file}`, context: "access.context" });
  return text;
}
