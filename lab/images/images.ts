import type { ImageSpec } from "../../util/docker";
import type { LabImages, LabMachine } from "../contract";
import { hostSystem, systemTag } from "./debian";
import { link, program, textFile } from "./files";

/**
 * Where a host sees the programs of the toolchain, this project and what it imports, its own files, and the archives for
 * its containerd.
 */
export const hostFolders = {
  programs: "/opt/lab/bin",
  project: "/opt/lab/dist",
  modules: "/opt/lab/node_modules",
  images: "/opt/lab/images",
  files: "/etc/lab",
} as const;

export const hostTag = "localhost/seamless/host:1";
export const probeTag = "localhost/seamless/probe:1";

/** Debian starts these when they are installed; on a host of the lab only its own units run. */
const masked = [
  ...["containerd.service", "cni-dhcp.service", "cni-dhcp.socket", "getty@tty1.service"],
  ...["systemd-logind.service", "systemd-modules-load.service", "systemd-firstboot.service"],
  ...["systemd-networkd.service", "systemd-networkd.socket", "e2scrub_reap.service"],
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"],
  ...["fstrim.timer"],
];

/** Routers: containers' packets are forwarded, and come back by whatever interface they like. */
const sysctls = `net.ipv4.ip_forward = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.default.rp_filter = 0
`;

/**
 * The image of every host: systemd as process 1, Debian's daemons masked. A host's own units are found in its files:
 * systemd searches /usr/local/lib/systemd/system, which leads there, for units and for what multi-user.target wants.
 */
export function hostImage(kinds: readonly LabImages[]): ImageSpec {
  const units = new Set([...masked, ...kinds.flatMap((kind) => kind.masked)]);
  return {
    tag: hostTag,
    from: systemTag(hostSystem(kinds)),
    files: [
      ...kinds.flatMap((kind) => kind.files()),
      textFile("etc/sysctl.d/90-lab.conf", sysctls),
      link("usr/local/lib/systemd/system", `${hostFolders.files}/units`),
      ...[...new Set(kinds.flatMap((kind) => kind.programs))].map((name) =>
        link(`usr/local/bin/${name}`, `${hostFolders.programs}/${name}`),
      ),
      ...[...units].map((unit) => link(`etc/systemd/system/${unit}`, "/dev/null")),
    ],
    instructions: [
      'RUN ["/bin/sh", "-c", "mkdir -p /opt/cni/bin && cp /usr/lib/cni/* /opt/cni/bin/ && rm -f /usr/sbin/policy-rc.d && : > /etc/machine-id"]',
      "ENV container=docker",
      "STOPSIGNAL SIGRTMIN+3",
      'CMD ["/sbin/init"]',
    ],
  };
}

/** The tag of the image of hosts: the common one, or that of other machines. */
export function tagOf(machine: LabMachine | undefined): string {
  return machine === undefined ? hostTag : `localhost/seamless/${machine.system.name}:1`;
}

/** The image of hosts that are other machines: systemd as process 1, with the daemons of their packages. */
export function machineImage(machine: LabMachine): ImageSpec {
  return {
    tag: tagOf(machine),
    from: systemTag(machine.system),
    files: [
      textFile("etc/sysctl.d/90-lab.conf", sysctls),
      link("usr/local/lib/systemd/system", `${hostFolders.files}/units`),
      ...(machine.files ?? []),
      ...machine.masked.map((unit) => link(`etc/systemd/system/${unit}`, "/dev/null")),
    ],
    instructions: [
      'RUN ["/bin/sh", "-c", "rm -f /usr/sbin/policy-rc.d && : > /etc/machine-id"]',
      "ENV container=docker",
      "STOPSIGNAL SIGRTMIN+3",
      'CMD ["/sbin/init"]',
    ],
  };
}

/** The pod image: the probe, which is the pause program too, and busybox for looking around. */
export function probeImage(busybox: string): ImageSpec {
  return {
    tag: probeTag,
    from: "scratch",
    files: [
      program("probe", "lab-probe"),
      program("pause", "lab-probe"),
      { path: "bin/busybox", content: { from: busybox }, mode: 0o755 },
      link("bin/sh", "/bin/busybox"),
    ],
    instructions: ['CMD ["/pause"]'],
  };
}
