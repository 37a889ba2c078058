import type { CoePlan } from "../../plan/types";
import { renderCalicoNetwork } from "../../util/calico-cni";
import { podRanges } from "../../util/ranges";
import { profileName } from "../calico/objects";

/** Where Mesos looks for container networks on a node of DC/OS (`network_cni_config_dir`). */
const folder = "/opt/mesosphere/etc/dcos/network/cni";

/**
 * The file that makes the plan's container network known to Mesos, for each agent: addresses of the plan's range alone,
 * whatever pools there are besides. Each with its place in a comment.
 */
export function cniFiles(coe: CoePlan, etcdEndpoints: readonly string[]): string {
  return Object.values(coe.nodes)
    .filter(({ role }) => role !== "master")
    .map(({ id, name }) => {
      const file = renderCalicoNetwork({
        name: profileName,
        etcdEndpoints,
        nodeName: name,
        pools: podRanges(coe),
        ...(coe.calicoApi === undefined ? {} : { api: coe.calicoApi }),
      });
      return `# ${id}: ${folder}/${profileName}.conf\n${file}`;
    })
    .join("");
}
