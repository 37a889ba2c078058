import type { ExternalAccess, NodeConfig } from "../config/types";
import { readKubeconfig } from "./kubernetes/kubeconfig";
import { withKubectl } from "./kubernetes/kubectl";
import { readNodes } from "./kubernetes/nodes";

/** By kind of engine: how one that is there is asked for its nodes. */
export const nodeReaders: Readonly<
  Record<
    string,
    (coe: string, access: ExternalAccess) => Promise<Readonly<Record<string, NodeConfig>>>
  >
> = {
  kubernetes: (coe, access) =>
    withKubectl(readKubeconfig(access), access.context, (kubectl) => readNodes(coe, kubectl)),
};
