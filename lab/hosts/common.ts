import { familyOf, withPort } from "../../util/net";
import { type HostFile, type HostUnit, hostRoot } from "../contract";
import { flags, renderEnvironment, renderService } from "./render";

const containerdConfig = `version = 2
[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "localhost/seamless/probe:1"
    restrict_oom_score_adj = true
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/opt/cni/bin"
      conf_dir = "/etc/cni/net.d"
    [plugins."io.containerd.grpc.v1.cri".containerd]
      snapshotter = "overlayfs"
      default_runtime_name = "runc"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          SystemdCgroup = true
`;

/**
 * The routes of a host. There is no way out of the lab, so no default route; but Calico's workloads use
 * 169.254.1.1 as their gateway, and the kernel answers ARP for it (proxy_arp) only when it has a route to
 * it by another interface. Processes on the host itself reach service addresses only if there is a route
 * for them before the kernel's rules for services rewrite the destination.
 */
export function routesUnit(serviceCidrs: readonly string[]): HostUnit {
  const route = (to: string) => ["/sbin/ip", "route", "replace", to, "dev", "eth0"];
  const six = serviceCidrs.some((range) => familyOf(range) === 6);
  return {
    name: "lab-routes.service",
    reads: [],
    text: renderService({
      description: "Static routes of the lab",
      defaultDependencies: false,
      before: ["network.target"],
      type: "oneshot",
      start: [
        ["-/sbin/ip", "route", "del", "default"],
        ...(six ? [["-/sbin/ip", "-6", "route", "del", "default"]] : []),
        route("169.254.1.1"),
        ...serviceCidrs.map(route),
      ],
    }),
  };
}

/** etcd with one member; clients are answered on loopback and, when given, on the address of the host. */
export function etcdUnit(name: string, address: string | undefined): HostUnit {
  const client = ["http://127.0.0.1:2379"];
  if (address !== undefined) client.push(`http://${withPort(address, 2379)}`);
  const peer = "http://127.0.0.1:2380";
  return {
    name: "lab-etcd.service",
    reads: [],
    text: renderService({
      description: "etcd",
      type: "notify",
      after: ["network.target"],
      start: [
        [
          "/usr/bin/etcd",
          ...flags({
            name,
            "data-dir": etcdData,
            "listen-client-urls": client.join(","),
            "advertise-client-urls": client.slice(-1).join(),
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": `${name}=${peer}`,
            logger: "zap",
          }),
        ],
      ],
    }),
  };
}

export const etcdData = "/var/lib/lab-etcd";

export const containerdFile: HostFile = { path: "containerd.toml", text: containerdConfig };

/** The container runtime; its shims outlive it, as on any host. */
export const containerdUnit: HostUnit = {
  name: "lab-containerd.service",
  reads: [containerdFile.path],
  text: renderService({
    description: "containerd",
    type: "notify",
    after: ["network.target"],
    start: [["/usr/bin/containerd", "--config", `${hostRoot}/${containerdFile.path}`]],
    settings: {
      Delegate: "yes",
      KillMode: "process",
      LimitNOFILE: "infinity",
      TasksMax: "infinity",
    },
  }),
};

/** Environment of a Calico program as a file, for systemd's EnvironmentFile. */
export function environmentFile(path: string, values: Readonly<Record<string, string>>): HostFile {
  return { path, text: renderEnvironment(values) };
}
