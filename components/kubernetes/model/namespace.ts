/** Where Calico's manifest has calico-node; its operator has it in calico-system. */
export const usualNamespace = "kube-system";
