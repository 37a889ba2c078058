import { systemTag } from "../../../lab/images/debian";
import { link, program } from "../../../lab/images/files";
import type { RootFilesystem } from "../../../util/debian";
import type { ImageSpec } from "../../../util/docker";
import { assetFiles, calicoVersion, confdFiles } from "../../speakers/calico/lab/files";
import { packageFiles, pythonPackages } from "./python";

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

/** What Calico's own node image has beside its programs; no package manager, since every node unpacks it. */
export const calicoSystem: RootFilesystem = {
  name: "calico",
  suite: "bookworm",
  variant: "essential",
  packages: ["bird", "conntrack", "iproute2", "ipset", "iptables", "kmod", "procps", "runit"],
};

/** What the dashboard's own packages run on: Python, and of its packages those that are compiled, or that Debian has. */
export const dashboardSystem: RootFilesystem = {
  name: "dashboard",
  suite: "bookworm",
  variant: "extract",
  packages: [
    ...["python3-minimal", "python3-aiohttp", "python3-aiohttp-jinja2", "python3-aiohttp-session"],
    ...["python3-cryptography", "python3-jmespath", "python3-pygments", "python3-requests"],
    "python3-yaml",
  ],
};

/** Everything that runs in pods, but for the probe. */
export async function podImages(say: (message: string) => void): Promise<ImageSpec[]> {
  const packages = await pythonPackages(say);
  return [...addonImages(), dashboardImage(packages), ...calicoImages()];
}

/** The cluster's add-ons, one program each. */
function addonImages(): ImageSpec[] {
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
function calicoImages(): ImageSpec[] {
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
