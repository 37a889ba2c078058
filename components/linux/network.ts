/** The network of a host's containers, which have addresses of the host's own range. */
import { addressAt, familyOf } from "../../util/net";
import type { RemoteHost } from "../ask/host";
import { putFile } from "./files";
import { bridgeDevice, dockerNetwork, type HostInput } from "./input";
import type { HostSeen } from "./look";
import { isOlder } from "./speaker";

/** The last of its folder: what looks for the first network there finds that of others. */
const cniFile = "/etc/cni/net.d/90-seamless.conflist";

/** Before Docker 28 nothing but the policy of FORWARD keeps packets from containers; since then each bridge does. */
const protecting = [28, 0] as const;

/** What makes Docker's network. No container's address is hidden from the plan by NAT; see the firewall for the rest. */
export function networkArgs(ranges: readonly string[], docker: readonly number[]): string[] {
  const ipv6 = ranges.some((range) => familyOf(range) === 6);
  const open = isOlder(docker, protecting)
    ? []
    : [
        ...["--opt", "com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected"],
        ...(ipv6 ? ["--opt", "com.docker.network.bridge.gateway_mode_ipv6=nat-unprotected"] : []),
      ];
  return [
    ...["docker", "network", "create", "--driver", "bridge"],
    ...(ipv6 ? ["--ipv6"] : []),
    ...ranges.flatMap((range) => ["--subnet", range, "--gateway", addressAt(range, 1)]),
    ...["--opt", `com.docker.network.bridge.name=${bridgeDevice}`],
    ...["--opt", "com.docker.network.bridge.enable_ip_masquerade=false"],
    ...open,
    dockerNetwork,
  ];
}

/** The network for programs that read CNI's files, such as nerdctl. */
export function cniConfig(ranges: readonly string[]): string {
  const list = {
    cniVersion: "0.4.0",
    name: dockerNetwork,
    plugins: [
      {
        type: "bridge",
        bridge: bridgeDevice,
        isGateway: true,
        ipMasq: false,
        ipam: {
          type: "host-local",
          ranges: ranges.map((subnet) => [{ subnet, gateway: addressAt(subnet, 1) }]),
          routes: ranges.map((subnet) => ({
            dst: familyOf(subnet) === 6 ? "::/0" : "0.0.0.0/0",
          })),
        },
      },
    ],
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** @throws SeamlessError with what the host says against it */
export async function applyNetwork(
  host: RemoteHost,
  { containers, ranges }: HostInput,
  { networks, docker }: Pick<HostSeen, "networks" | "docker">,
): Promise<void> {
  if (containers === "containerd") await putFile(host, cniFile, cniConfig(ranges));
  if (containers !== "docker" || docker === undefined) return;
  const own = networks.find(({ name }) => name === dockerNetwork);
  if (own?.subnets.join() === ranges.join()) return;
  // One with containers in it stands in the way of the look.
  if (own !== undefined) await host.need(["docker", "network", "rm", dockerNetwork]);
  await host.need(networkArgs(ranges, docker));
}

/** Docker's network goes when no container is in it. @returns names of those that are */
export async function removeNetwork(
  host: RemoteHost,
  { networks }: Pick<HostSeen, "networks">,
): Promise<readonly string[]> {
  await host.need(["rm", "-f", cniFile]);
  const own = networks.find(({ name }) => name === dockerNetwork);
  if (own === undefined) return [];
  if (own.containers.length > 0) return own.containers;
  await host.need(["docker", "network", "rm", dockerNetwork]);
  return [];
}
