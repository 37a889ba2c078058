import type { AccessConfig } from "../../config/types";
import type { CoePlan } from "../../plan/types";
import { activeRanges } from "../../util/ranges";
import { profileName } from "../speakers/calico/objects";
import { renderCalicoNetwork } from "./calico-cni";
import { accessConfigOf } from "./model/config";
import { dcosPart } from "./model/plan";

/** Where Mesos looks for container networks on a node of DC/OS (`network_cni_config_dir`). */
const folder = "/opt/mesosphere/etc/dcos/network/cni";

/** Where Enterprise DC/OS keeps its authority on every node; it signs the certificates of its packages. */
const authority = "/run/dcos/pki/CA/ca-bundle.crt";

/** cni-plugin v1.6.0 was the first that knows the key (its changelog); DC/OS's package calico installs v1.5.5. */
const olderPlugins =
  "# Calico's CNI plugin before v1.6.0 ignores ipv4_pools: disable all pools but the plan's\n";

/**
 * The file that makes the plan's container network known to Mesos, for each agent: addresses of the plan's range alone,
 * whatever pools there are besides. Each with its place in a comment.
 */
export function cniFiles(coe: CoePlan, etcdEndpoints: readonly string[]): string {
  return Object.values(coe.nodes)
    .filter(({ role }) => role !== "master")
    .map(({ id }) => {
      const file = renderCalicoNetwork({
        name: profileName,
        etcdEndpoints,
        pools: activeRanges(coe),
        ...(etcdEndpoints.some((url) => url.startsWith("https:")) ? { authority } : {}),
        ...(coe.calicoApi === undefined ? {} : { api: coe.calicoApi }),
      });
      const note = coe.calicoApi === "v1" ? olderPlugins : "";
      return `# ${id}: ${folder}/${profileName}.conf\n${note}${file}`;
    })
    .join("");
}

/** The files for people, but for the lab's, which writes its own. */
export function renderNetwork(coe: CoePlan, access: AccessConfig): string {
  if (access === "embedded") return `# ${coe.name}: embedded, the lab writes its own\n`;
  const { datastore, datastoreTls } = dcosPart(coe);
  const scheme = datastoreTls === true ? "https" : "http";
  const { etcd } = accessConfigOf(access);
  const endpoints = etcd ?? datastore?.map((member) => `${scheme}://${member}`);
  return cniFiles(coe, endpoints ?? []);
}
