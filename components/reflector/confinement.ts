import type { ContainerArgs } from "@pulumi/docker";
import { user } from "./names";

/** Below it a program needs a capability to listen; BGP's is 179. */
const firstPort = { "net.ipv4.ip_unprivileged_port_start": "179" };

/**
 * MiB. A daemon was seen to take 2.5 MB for each neighbour (383 MB for 150 of them), so this is room for 1600. A limit that
 * is met would restart the reflector, so it only has to stop what is out of hand.
 */
const memory = 4096;

type Confinement = Pick<
  ContainerArgs,
  | "capabilities"
  | "logDriver"
  | "logOpts"
  | "memory"
  | "readOnly"
  | "securityOpts"
  | "sysctls"
  | "tmpfs"
  | "user"
>;

/**
 * What a daemon may do: listen on 179 and write to the memory its API's socket is in. TCP MD5 and TTL security ask the
 * kernel for no permission.
 *
 * In the host's own network only root may listen on 179: Docker hands a capability to nobody else. It is a root without
 * any other capability there. Packets of BFD go out before all others, for which the kernel asks for CAP_NET_RAW
 * (since Linux 5.16; before, for more than anybody should have).
 * @param apiFolder where the socket is
 * @param hostNetwork whether it runs in the network of the Docker host
 * @param watches whether it watches a neighbour with BFD. Default: it does not
 */
export function confinement(apiFolder: string, hostNetwork: boolean, watches = false): Confinement {
  const root = hostNetwork || watches;
  const adds = [...(hostNetwork ? ["NET_BIND_SERVICE"] : []), ...(watches ? ["NET_RAW"] : [])];
  const api = ["rw", "noexec", "nosuid", "nodev", "size=1m", "mode=0700"];
  return {
    capabilities: { drops: ["ALL"], ...(adds.length === 0 ? {} : { adds }) },
    ...(root ? {} : { user: `${user}:${user}` }),
    ...(hostNetwork ? {} : { sysctls: firstPort }),
    readOnly: true,
    securityOpts: ["no-new-privileges"],
    tmpfs: {
      [apiFolder]: [...api, ...(root ? [] : [`uid=${user}`, `gid=${user}`])].join(","),
    },
    memory,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
  };
}
