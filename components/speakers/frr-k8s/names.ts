/** The group of FRR-K8s' definitions. */
export const frrGroup = "frrk8s.metallb.io";

/** On all objects of ours, so that others can select them. */
export const ourLabels = { "app.kubernetes.io/managed-by": "seamless" } as const;

/** The object of one node, or of all. */
export function configurationName(node?: string): string {
  return node === undefined ? "seamless" : `seamless-${node}`;
}

/**
 * The Secret with one password of sessions. FRR-K8s reads one password of each.
 * @param reflector whose sessions it is of. Default: that of all, where there is one
 */
export function secretName(password: string, reflector?: string): string {
  return `seamless-bgp-${password}${reflector === undefined ? "" : `-${reflector}`}`;
}
