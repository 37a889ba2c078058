import type { LabImages, LabMachine } from "../../../lab/contract";

/** Debian 12 as people have it on plain hosts: systemd, Docker; BIRD 2 and nft, for nothing leads to a mirror from there. */
export const dockerMachine: LabMachine = {
  system: {
    name: "docker-host",
    suite: "bookworm",
    variant: "minbase",
    packages: [
      ...["systemd", "systemd-sysv", "dbus", "kmod", "procps", "iproute2", "iputils-ping"],
      ...["curl", "ca-certificates", "busybox-static", "docker.io", "iptables"],
      ...["bird2", "nftables"],
    ],
  },
  masked: [
    ...["getty@tty1.service", "systemd-logind.service", "systemd-modules-load.service"],
    ...["systemd-firstboot.service", "systemd-networkd.service", "systemd-networkd.socket"],
    ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer"],
    ...["e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer", "nftables.service"],
  ],
};

/** Paths that are kept while such a host restarts. */
export const dockerVolumes: readonly string[] = ["/var/lib/docker", "/var/lib/containerd"];

/** A kind on such machines needs nothing in the common image. */
export const noImages: LabImages = {
  packages: [],
  masked: [],
  programs: [],
  files: () => [],
  systems: [],
  tags: [],
  pods: async () => [],
};
