import { stringify } from "yaml";

/**
 * `dns_forward_zones` of DC/OS's config.yaml ("Configuration Reference", since 1.13): dcos-net on every node asks these
 * servers for these zones. It is read when DC/OS is installed or upgraded.
 */
export function renderDcosForwards(forwards: Readonly<Record<string, readonly string[]>>): string {
  return stringify({ dns_forward_zones: forwards });
}
