import { join } from "node:path";
import type { ImageFile, ImageSpec } from "../../util/docker";
import { toolsBin } from "../../util/paths";
import { assetFiles, calicoVersion, confdFiles } from "./calico-files";
import { calicoSystem, dashboardSystem, hostSystem, type RootFilesystem } from "./debian";
import { packageFiles } from "./python";

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
export const addonTags = {
  dns: "localhost/seamless/coredns:1",
  metrics: "localhost/seamless/metrics-server:1",
  dashboard: "localhost/seamless/kube-web-view:1",
} as const;
export const calicoTags = {
  node: `quay.io/calico/node:${calicoVersion}`,
  cni: `quay.io/calico/cni:${calicoVersion}`,
  kubeControllers: `quay.io/calico/kube-controllers:${calicoVersion}`,
} as const;

/** Tag of the image that is nothing but a root file system. */
export function systemTag(system: RootFilesystem): string {
  return `localhost/seamless/${system.name}-system:1`;
}

const text = (path: string, content: string, mode?: number): ImageFile =>
  mode === undefined
    ? { path, content: { text: content } }
    : { path, content: { text: content }, mode };
const link = (path: string, to: string): ImageFile => ({ path, content: { link: to } });
const program = (path: string, name: string): ImageFile => ({
  path,
  content: { from: join(toolsBin(), name) },
  mode: 0o755,
});

/** Debian starts these when they are installed; on a host of the lab only its own units run. */
const masked = [
  ...["bird.service", "bird6.service", "containerd.service", "etcd.service", "nginx.service"],
  "haproxy.service",
  ...["runit.service", "cni-dhcp.service", "cni-dhcp.socket", "getty@tty1.service"],
  ...["systemd-logind.service", "systemd-modules-load.service", "systemd-firstboot.service"],
  ...["systemd-networkd.service", "systemd-networkd.socket", "e2scrub_reap.service"],
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"],
  ...["fstrim.timer"],
];

/** What the start script of Calico's own image does, on a host: prepare the node, then run its parts under runit. */
const startCalicoNode = `#!/bin/sh
set -e
# Calico would wait, too, but look ever more seldom: when etcd is installed late, for two minutes after it is there.
if [ "$DATASTORE_TYPE" = etcdv3 ]; then
  until for endpoint in $(echo "$ETCD_ENDPOINTS" | tr , ' '); do
    curl -sf -m 2 -o /dev/null "$endpoint/health" && break
  done; do sleep 1; done
fi
rm -rf /etc/service/enabled
mkdir -p /var/run/calico /var/log/calico/cni /var/lib/calico
/usr/local/lib/calico/rc.local
# Tells the Kubernetes API that the node is up; without one it would only fail, again and again.
if [ "$DATASTORE_TYPE" = etcdv3 ]; then rm -rf /etc/service/enabled/complete-startup; fi
NODENAME=$(cat /var/lib/calico/nodename)
export NODENAME
exec runsvdir -P /etc/service/enabled
`;

/** Routers: containers' packets are forwarded, and come back by whatever interface they like. */
const sysctls = `net.ipv4.ip_forward = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.default.rp_filter = 0
`;

/**
 * The image of every host: systemd as process 1, Debian's daemons masked. A host's own units are found in its files:
 * systemd searches /usr/local/lib/systemd/system, which leads there, for units and for what multi-user.target wants.
 */
export function hostImage(): ImageSpec {
  const service = assetFiles("node/filesystem/etc/service", "etc/service");
  return {
    tag: hostTag,
    from: systemTag(hostSystem),
    files: [
      ...confdFiles("etc/calico/confd"),
      ...service,
      ...assetFiles("node/filesystem/etc/calico", "etc/calico"),
      // Not /etc/rc.local: systemd would run it at boot.
      ...assetFiles("node/filesystem/etc", "usr/local/lib/calico")
        .filter((file) => file.path.endsWith("/rc.local"))
        .map((file) => ({ ...file, mode: 0o755 })),
      text("usr/local/sbin/start-calico-node", startCalicoNode, 0o755),
      text("etc/sysctl.d/90-lab.conf", sysctls),
      // Calico's health check calls BIRD's client by the name of its own build.
      link("usr/bin/birdcl", "/usr/sbin/birdc"),
      link("usr/local/lib/systemd/system", `${hostFolders.files}/units`),
      ...["calico-node", "calicoctl", "kubectl"].map((name) =>
        link(`usr/local/bin/${name}`, `${hostFolders.programs}/${name}`),
      ),
      ...masked.map((unit) => link(`etc/systemd/system/${unit}`, "/dev/null")),
    ],
    instructions: [
      'RUN ["/bin/sh", "-c", "mkdir -p /opt/cni/bin && cp /usr/lib/cni/* /opt/cni/bin/ && rm -f /usr/sbin/policy-rc.d && : > /etc/machine-id"]',
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

/** The cluster's add-ons, one program each. */
export function addonImages(): ImageSpec[] {
  return [
    {
      tag: addonTags.dns,
      from: "scratch",
      files: [program("coredns", "coredns")],
      instructions: ['ENTRYPOINT ["/coredns"]'],
    },
    {
      tag: addonTags.metrics,
      from: "scratch",
      files: [program("metrics-server", "metrics-server")],
      instructions: ['ENTRYPOINT ["/metrics-server"]'],
    },
  ];
}

/** Where the dashboard's own packages are in its image, and what starts it. */
export const dashboard = {
  packages: "/opt/dashboard",
  // Nobody has a home there, and pykube wants to know it all the same.
  environment: { PYTHONPATH: "/opt/dashboard", PYTHONDONTWRITEBYTECODE: "1", HOME: "/" },
  command: ["/usr/bin/python3", "-m", "kube_web"],
} as const;

/** The dashboard: Kubernetes Web View. */
export function dashboardImage(packages: string): ImageSpec {
  const { environment, command } = dashboard;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return {
    tag: addonTags.dashboard,
    from: systemTag(dashboardSystem),
    files: packageFiles(packages, dashboard.packages.slice(1)),
    instructions: [`ENV ${variables.join(" ")}`, `ENTRYPOINT ${JSON.stringify(command)}`],
  };
}

/** Calico's images as its manifest names them, with the programs built here. */
export function calicoImages(): ImageSpec[] {
  return [
    {
      tag: calicoTags.node,
      from: systemTag(calicoSystem),
      files: [
        ...confdFiles("etc/calico/confd"),
        ...assetFiles("node/filesystem/etc", "etc"),
        // Not below /sbin, which is a link: a folder in its place would hide what it leads to.
        ...assetFiles("node/filesystem/sbin", "usr/sbin"),
        program("usr/bin/calico-node", "calico-node"),
        link("usr/bin/birdcl", "/usr/sbin/birdc"),
      ],
      instructions: [
        "ENV SVDIR=/etc/service/enabled PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        'CMD ["start_runit"]',
      ],
    },
    {
      tag: calicoTags.cni,
      from: "scratch",
      files: [
        program("opt/cni/bin/calico", "calico"),
        // One program, which goes by the name it is called; the installer copies what the link leads to.
        link("opt/cni/bin/calico-ipam", "calico"),
        program("opt/cni/bin/install", "calico-install"),
      ],
      instructions: ["ENV PATH=/opt/cni/bin", 'CMD ["/opt/cni/bin/install"]'],
    },
    {
      tag: calicoTags.kubeControllers,
      from: "scratch",
      files: [
        program("usr/bin/kube-controllers", "calico-kube-controllers"),
        program("usr/bin/check-status", "calico-check-status"),
        // It runs as a user of its own, and is killed when it cannot write its state.
        { path: "status", content: { folder: true }, mode: 0o777 },
        { path: "profiles", content: { folder: true }, mode: 0o777 },
      ],
      instructions: ["USER 999", 'ENTRYPOINT ["/usr/bin/kube-controllers"]'],
    },
  ];
}
