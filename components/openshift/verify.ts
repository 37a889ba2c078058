import { clusterProbe } from "../cluster/verify";
import type { MakeProbe } from "../contract/probe";
import { frrPods } from "../speakers/frr-k8s/word";
import { openshiftWord } from "./word";

export const openshiftProbe: MakeProbe = (coe, outputs, scratch) =>
  clusterProbe(coe, outputs, scratch, frrPods(coe), openshiftWord);
