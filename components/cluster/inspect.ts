import { z } from "zod";
import { exitCode, SeamlessError } from "../../util/errors";
import type { InspectRequest } from "../contract/runtime";
import { readNamedFile } from "../named-file";
import type { InspectionReport } from "../speakers/calico/inspect/finding";
import { clusterOf, refuseReadableLogin } from "./kubeconfig";
import { type Kubectl, withKubectl } from "./kubectl";
import { accessOf } from "./model/access";

const ownFlags = z.object({ kubeconfig: z.string().optional(), context: z.string().optional() });

/** Lends an inspection of `seamless inspect` a kubectl with the kubeconfig of the command line or of the configuration. */
export async function inspectCluster(
  request: InspectRequest,
  look: (kubectl: Kubectl) => Promise<InspectionReport>,
): Promise<InspectionReport> {
  const { coe, access } = request;
  const flags = ownFlags.parse(request.flags);
  const external = accessOf(typeof access === "object" ? access : {});
  const file = flags.kubeconfig ?? external.kubeconfig;
  if (file === undefined)
    throw new SeamlessError(
      `coes.${coe.name}.access: found embedded, whose kubeconfig is an output of its stack; needed: --kubeconfig FILE`,
      exitCode.usage,
    );
  const labels = {
    kubeconfig:
      flags.kubeconfig === undefined ? `coes.${coe.name}.access.kubeconfig` : "--kubeconfig",
    context: flags.context === undefined ? `coes.${coe.name}.access.context` : "--context",
  };
  const kubeconfig = readNamedFile(labels.kubeconfig, file);
  const context = flags.context ?? external.context;
  refuseReadableLogin(
    clusterOf(kubeconfig, context, labels),
    flags.kubeconfig === undefined && external.allowHttp === true,
    labels,
  );
  return withKubectl(kubeconfig, context, look, labels);
}
