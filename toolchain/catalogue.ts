import { join } from "node:path";
import { checkoutDir } from "../util/paths";

/** What a tool is for: `pulumi` runs the program, `lab` is run by the lab's hosts. */
export type ToolGroup = "pulumi" | "lab";

/** Files of a Go module that are copied before a build, because upstream's own main embeds generated files. */
export interface Embeds {
  /** Path of the Go module that ships the originals. */
  readonly module: string;
  readonly files: readonly {
    /** Path inside that module; a JSON document. */
    readonly from: string;
    /** Name beside our main.go. */
    readonly to: string;
    /** Members set in the copy. */
    readonly set: Readonly<Record<string, string>>;
  }[];
}

/** Data files of a Go module that the lab needs at run time. */
export interface Assets {
  readonly module: string;
  /** Folder below the cache folder they are copied to, with their paths kept. */
  readonly folder: string;
  readonly paths: readonly string[];
}

/** One tool that is built from Go modules; all its programs come from one module folder and one `go build`. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly group: ToolGroup;
  /** Folder below toolchain/modules with go.mod and go.sum. */
  readonly module: string;
  readonly packages: readonly string[];
  /** Variables of the programs set by the linker (`-X`), mostly their version. */
  readonly variables: Readonly<Record<string, string>>;
  /** Name that `go build` gives a program -> names it gets in the folder of tools. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  readonly embeds?: Embeds;
  readonly assets?: Assets;
  /** What a build with empty Go caches takes, measured: MB of Go caches, MB of results, seconds on two idle cores. */
  readonly cost: {
    readonly goCacheMb: number;
    readonly resultMb: number;
    readonly seconds: number;
  };
}

/** Versions that have to agree with the npm packages of the same name (a test compares them). */
export const pulumiVersion = "3.250.0";
export const pluginVersions = { kubernetes: "4.25.0", command: "1.2.1", docker: "5.2.0" } as const;

const calico = "github.com/projectcalico/calico";
const kubernetesProvider = "github.com/pulumi/pulumi-kubernetes/provider/v4";
const cniPlugins = "github.com/containernetworking/plugins";
const kubernetes = "k8s.io/kubernetes/cmd";
const frrK8s = "github.com/metallb/frr-k8s";
const kubernetesVersion = "k8s.io/component-base/version";

/** All tools in the order they are built: what is needed first comes first. */
export const tools: readonly Tool[] = [
  {
    name: "pulumi",
    title: "Pulumi command line",
    version: pulumiVersion,
    group: "pulumi",
    module: "pulumi",
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    variables: {
      "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}`,
    },
    programs: { pulumi: ["pulumi"] },
    cost: { goCacheMb: 3000, resultMb: 110, seconds: 200 },
  },
  {
    name: "kubernetes-provider",
    title: "Pulumi's Kubernetes provider",
    version: pluginVersions.kubernetes,
    group: "pulumi",
    module: "kubernetes-provider",
    packages: ["."],
    variables: { [`${kubernetesProvider}/pkg/version.Version`]: pluginVersions.kubernetes },
    programs: { "kubernetes-provider": [] },
    embeds: {
      module: kubernetesProvider,
      files: [
        {
          from: "cmd/pulumi-resource-kubernetes/schema.json",
          to: "schema-embed.json",
          set: { version: pluginVersions.kubernetes },
        },
        {
          from: "cmd/pulumi-resource-kubernetes/terraform-mapping.json",
          to: "terraform-mapping-embed.json",
          set: {},
        },
      ],
    },
    cost: { goCacheMb: 2500, resultMb: 90, seconds: 200 },
  },
  {
    name: "gobgp",
    title: "GoBGP, the route reflector",
    version: "4.8.0",
    group: "lab",
    module: "gobgp",
    packages: ["github.com/osrg/gobgp/v4/cmd/gobgp", "github.com/osrg/gobgp/v4/cmd/gobgpd"],
    variables: {},
    programs: { gobgp: ["gobgp"], gobgpd: ["gobgpd"] },
    cost: { goCacheMb: 700, resultMb: 40, seconds: 60 },
  },
  {
    name: "lab-tools",
    title: "the lab's own small programs",
    version: "1",
    group: "lab",
    module: "lab-tools",
    packages: ["./cmd/probe", "./cmd/runc"],
    variables: {},
    programs: { probe: ["lab-probe"], runc: ["lab-runc"] },
    cost: { goCacheMb: 100, resultMb: 8, seconds: 10 },
  },
  {
    name: "calico",
    title: "Calico",
    version: "3.31.0",
    group: "lab",
    module: "calico",
    packages: [
      `${calico}/node/cmd/calico-node`,
      `${calico}/cni-plugin/cmd/calico`,
      `${calico}/cni-plugin/cmd/install`,
      `${calico}/calicoctl/calicoctl`,
      `${calico}/kube-controllers/cmd/kube-controllers`,
      `${calico}/kube-controllers/cmd/check-status`,
    ],
    variables: { [`${calico}/pkg/buildinfo.Version`]: "v3.31.0" },
    programs: {
      "calico-node": ["calico-node"],
      // The CNI plugin and its address management are one program that looks at its own name.
      calico: ["calico-cni", "calico", "calico-ipam"],
      install: ["calico-install"],
      calicoctl: ["calicoctl"],
      "kube-controllers": ["calico-kube-controllers"],
      "check-status": ["calico-check-status"],
    },
    assets: {
      module: calico,
      folder: "calico-assets-v3.31.0",
      paths: [
        "manifests/calico.yaml",
        "libcalico-go/config/crd",
        "confd/etc/calico/confd",
        "node/filesystem",
      ],
    },
    cost: { goCacheMb: 2500, resultMb: 345, seconds: 200 },
  },
  {
    name: "kubernetes",
    title: "Kubernetes control plane, kubelet and kubectl",
    version: "1.33.13",
    group: "lab",
    module: "kubernetes",
    packages: [
      `${kubernetes}/kube-apiserver`,
      `${kubernetes}/kube-controller-manager`,
      `${kubernetes}/kube-scheduler`,
      `${kubernetes}/kube-proxy`,
      `${kubernetes}/kubelet`,
      `${kubernetes}/kubectl`,
    ],
    variables: {
      [`${kubernetesVersion}.gitVersion`]: "v1.33.13",
      [`${kubernetesVersion}.gitMajor`]: "1",
      [`${kubernetesVersion}.gitMinor`]: "33",
    },
    programs: {
      "kube-apiserver": ["kube-apiserver"],
      "kube-controller-manager": ["kube-controller-manager"],
      "kube-scheduler": ["kube-scheduler"],
      "kube-proxy": ["kube-proxy"],
      kubelet: ["kubelet"],
      kubectl: ["kubectl"],
    },
    cost: { goCacheMb: 2500, resultMb: 480, seconds: 280 },
  },
  {
    name: "frr-k8s",
    title: "FRR-K8s, which configures FRR on nodes by objects of the cluster",
    version: "0.0.25",
    group: "lab",
    // After Kubernetes, and with its versions of what both need: those packages are compiled already.
    module: "frr-k8s",
    packages: ["frr-k8s-controller", "metrics", "status", "statuscleaner"].map(
      (name) => `${frrK8s}/cmd/${name}`,
    ),
    variables: { [`${frrK8s}/internal/version.version`]: "v0.0.25" },
    programs: {
      "frr-k8s-controller": ["frr-k8s"],
      metrics: ["frr-k8s-metrics"],
      status: ["frr-k8s-status"],
      statuscleaner: ["frr-k8s-statuscleaner"],
    },
    assets: {
      module: frrK8s,
      // Another name where other files are taken: what is there is not looked into.
      folder: "frr-k8s-files-v0.0.25",
      paths: ["cmd/reloader", "config/all-in-one", "config/crd/bases", "config/frr-k8s"],
    },
    cost: { goCacheMb: 160, resultMb: 180, seconds: 40 },
  },
  {
    name: "addons",
    title: "CoreDNS and metrics-server",
    version: "1.14.7-0.9.0",
    group: "lab",
    module: "addons",
    packages: ["./cmd/coredns", "sigs.k8s.io/metrics-server/cmd/metrics-server"],
    variables: {},
    programs: { coredns: ["coredns"], "metrics-server": ["metrics-server"] },
    cost: { goCacheMb: 1000, resultMb: 125, seconds: 190 },
  },
  {
    name: "mesos-dns",
    title: "Mesos-DNS, the name server of DC/OS's tasks",
    version: "0.6.0",
    group: "lab",
    // A module of its own: it needs a DNS library from before the one CoreDNS needs.
    module: "mesos-dns",
    packages: ["github.com/mesosphere/mesos-dns"],
    variables: { "main.Version": "0.6.0" },
    programs: { "mesos-dns": ["mesos-dns"] },
    cost: { goCacheMb: 150, resultMb: 10, seconds: 25 },
  },
  {
    name: "cni-plugins",
    title: "the plugins of the CNI project",
    version: "1.9.1",
    group: "lab",
    module: "cni-plugins",
    packages: [
      `${cniPlugins}/plugins/main/bridge`,
      `${cniPlugins}/plugins/main/loopback`,
      `${cniPlugins}/plugins/ipam/host-local`,
      `${cniPlugins}/plugins/meta/firewall`,
      `${cniPlugins}/plugins/meta/portmap`,
    ],
    variables: { [`${cniPlugins}/pkg/utils/buildversion.BuildVersion`]: "v1.9.1" },
    // A distribution has a program called bridge for something else.
    programs: {
      bridge: ["cni-bridge"],
      firewall: ["cni-firewall"],
      "host-local": ["cni-host-local"],
      loopback: ["cni-loopback"],
      portmap: ["cni-portmap"],
    },
    cost: { goCacheMb: 150, resultMb: 18, seconds: 25 },
  },
  {
    name: "nomad-tools",
    title: "Nomad's API client, and the CNI library of its clients",
    version: "2",
    group: "lab",
    module: "nomad-tools",
    packages: ["./cmd/client", "./cmd/cni"],
    variables: {},
    programs: { client: ["nomad-api"], cni: ["nomad-cni"] },
    cost: { goCacheMb: 150, resultMb: 10, seconds: 15 },
  },
];

/** The arguments of `go` that decide what is built; the folder for the results is added by the builder. */
export function buildFlags(tool: Tool): readonly string[] {
  const variables = Object.entries(tool.variables).map(([name, value]) => ` -X ${name}=${value}`);
  return ["-mod=readonly", "-trimpath", "-ldflags", `-s -w${variables.join("")}`];
}

/** The folder with go.mod and go.sum of a tool. */
export function moduleDir(tool: Tool): string {
  return join(checkoutDir(), "toolchain", "modules", tool.module);
}
