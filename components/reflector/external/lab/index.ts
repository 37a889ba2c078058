import { hostRoot, type LabRouter } from "../../../../lab/contract";
import { renderService } from "../../../../lab/hosts/render";
import { textFile } from "../../../../lab/images/files";
import { renderExternal } from "../render";

/** Debian's frr.service runs zebra and, where it is asked for, bgpd. */
const daemons = `bgpd=yes
vtysh_enable=yes
zebra_options="-A 127.0.0.1 -s 90000000"
bgpd_options="-A 127.0.0.1"
`;

/** What every FRR of Debian begins with. */
const base = `frr defaults traditional
log syslog informational
service integrated-vtysh-config
`;

const file = "frr.conf";
const unit = "lab-router.service";

/**
 * The owner of an FRR on Debian, with FRR's own means: the file that is rendered for him is applied by frr-reload, which changes
 * what differs and leaves sessions alone that stay as they are.
 */
export const externalLab: LabRouter = {
  machine: {
    system: {
      name: "frr-router",
      suite: "bookworm",
      variant: "minbase",
      packages: [
        ...["systemd", "systemd-sysv", "dbus", "kmod", "procps", "iproute2", "iputils-ping"],
        ...["frr", "frr-pythontools"],
      ],
    },
    masked: [
      ...["getty@tty1.service", "systemd-logind.service", "systemd-modules-load.service"],
      ...["systemd-firstboot.service", "systemd-networkd.service", "systemd-networkd.socket"],
      ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer"],
      ...["e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer"],
    ],
    files: [textFile("etc/frr/daemons", daemons), textFile("etc/frr/frr.conf", base)],
  },
  files: (plan, router) => ({
    files: [{ path: file, text: `${base}${renderExternal(plan, router)}` }],
    units: [
      {
        name: unit,
        reads: [file],
        text: renderService({
          description: "The owner of this FRR",
          after: ["frr.service"],
          requires: ["frr.service"],
          type: "oneshot",
          start: [["/usr/lib/frr/frr-reload.py", "--reload", `${hostRoot}/${file}`]],
        }),
      },
    ],
  }),
  unit,
  read: { program: "vtysh", argv: ["vtysh"] },
};
