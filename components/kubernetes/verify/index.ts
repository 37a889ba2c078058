import { clusterProbe } from "../../cluster/verify";
import type { MakeProbe } from "../../contract/probe";
import { frrObjects } from "../../speakers/frr-k8s/objects";
import { frrPods, frrWord } from "../../speakers/frr-k8s/word";
import { calicoWord } from "./own-word";

const calicoPods = { where: ["-A", "-l", "k8s-app=calico-node"], container: "calico-node" };

/** A cluster by what speaks BGP on its nodes. */
export const kubernetesProbe: MakeProbe = (coe, outputs, scratch) =>
  coe.speaker === "frr-k8s"
    ? clusterProbe(coe, outputs, scratch, frrPods(coe), frrWord(frrObjects))
    : clusterProbe(coe, outputs, scratch, calicoPods, calicoWord);
