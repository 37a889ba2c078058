import { clusterProbe } from "../../cluster/verify";
import type { MakeProbe } from "../../contract/probe";
import { calicoWord } from "./own-word";

const calicoPods = { selector: "k8s-app=calico-node", container: "calico-node" } as const;

export const kubernetesProbe: MakeProbe = (coe, outputs, scratch) =>
  clusterProbe(coe, outputs, scratch, calicoPods, calicoWord);
