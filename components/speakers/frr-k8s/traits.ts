import { frrTraits } from "../../reflector/frr/traits";
import type { KernelTraits } from "../calico/traits";

/** FRR with zebra, as a reflector of that kind: what FRR-K8s writes for it changes nothing of that. */
export const frrK8sTraits = frrTraits;

/** FRR leaves nothing in iptables: no chain and no comment begins so. */
export const frrKernel: KernelTraits = { chains: "frr-k8s-", comments: "frr-k8s:" };
