import type { RootFilesystem } from "../../util/debian";

/** Packages of every host, whatever the kind: a whole machine, what runs containers, and what is looked around with. */
const common = [
  ...["systemd", "systemd-sysv", "dbus", "kmod", "procps", "iproute2", "iputils-ping"],
  ...["curl", "ca-certificates", "busybox-static"],
  ...["containerd", "runc", "containernetworking-plugins", "conntrack", "iptables", "ipset"],
];

/** What every host of the lab has: Debian 12 with what the nodes of the kinds need. */
export function hostSystem(
  kinds: readonly { readonly packages: readonly string[] }[],
): RootFilesystem {
  const packages = new Set([...common, ...kinds.flatMap((kind) => kind.packages)]);
  return { name: "host", suite: "bookworm", variant: "minbase", packages: [...packages] };
}

/** Tag of the image that is nothing but a root file system. */
export function systemTag(system: RootFilesystem): string {
  return `localhost/seamless/${system.name}-system:1`;
}
