import { stringify } from "yaml";

/**
 * Zones of other COEs for the cluster's DNS operator ("Using DNS forwarding" of OpenShift's documentation), which writes
 * the Corefile itself.
 * @param forwards by zone, the name servers of other COEs
 */
export function renderOpenshiftForwards(
  forwards: Readonly<Record<string, readonly string[]>>,
): string {
  const servers = Object.entries(forwards).map(([zone, upstreams]) => ({
    name: zone.replaceAll(".", "-"),
    zones: [zone],
    forwardPlugin: { policy: "Random", upstreams },
  }));
  return `# kubectl patch dns.operator/default --type=merge --patch-file=FILE\n${stringify({ spec: { servers } })}`;
}
