import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildFlags,
  moduleDir,
  pluginVersions,
  pulumiVersion,
  tools,
} from "../../../toolchain/catalogue";
import { checkoutDir } from "../../../util/paths";

const tool = (name: string) => {
  const found = tools.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

test("pins the versions of the npm packages, exactly", () => {
  const { dependencies } = JSON.parse(readFileSync(join(checkoutDir(), "package.json"), "utf8"));
  expect(dependencies).toMatchObject({
    "@pulumi/pulumi": pulumiVersion,
    "@pulumi/kubernetes": pluginVersions.kubernetes,
    "@pulumi/command": pluginVersions.command,
    "@pulumi/docker": pluginVersions.docker,
  });
});

test.each([
  ["pulumi", "github.com/pulumi/pulumi/pkg/v3 v3.250.0"],
  [
    "kubernetes-provider",
    "github.com/pulumi/pulumi-kubernetes/provider/v4 v4.0.0-20260115033456-f47bc2d6f199",
  ],
  ["gobgp", "github.com/osrg/gobgp/v4 v4.8.0"],
  ["calico", "github.com/projectcalico/calico v0.0.0-20251021213802-b1f3c43f8437"],
  ["kubernetes", "k8s.io/kubernetes v1.33.13"],
  ["frr-k8s", "github.com/metallb/frr-k8s v0.0.25"],
  ["mesos-dns", "github.com/mesosphere/mesos-dns v0.6.0"],
])("%s is the pinned module %s, with its checksums", (name, pinned) => {
  const folder = moduleDir(tool(name));
  expect(readFileSync(join(folder, "go.mod"), "utf8")).toContain(pinned);
  const sums = readFileSync(join(folder, "go.sum"), "utf8").split("\n");
  expect(sums.filter((line) => line.startsWith(`${pinned} h1:`))).toHaveLength(1);
});

test("builds without writing to go.mod, without paths of the machine, with the version set", () => {
  expect(buildFlags(tool("kubernetes"))).toEqual([
    "-mod=readonly",
    "-trimpath",
    "-ldflags",
    "-s -w -X k8s.io/component-base/version.gitVersion=v1.33.13" +
      " -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=33",
  ]);
  expect(buildFlags(tool("gobgp"))).toEqual(["-mod=readonly", "-trimpath", "-ldflags", "-s -w"]);
});

test("gives each program the names the lab looks for, no name twice", () => {
  const names = tools.flatMap((one) => Object.values(one.programs).flat());
  expect([...names].sort()).toEqual([
    "calico",
    "calico-check-status",
    "calico-cni",
    "calico-install",
    "calico-ipam",
    "calico-kube-controllers",
    "calico-node",
    "calicoctl",
    "cni-bridge",
    "cni-firewall",
    "cni-host-local",
    "cni-loopback",
    "cni-portmap",
    "coredns",
    "frr-k8s",
    "frr-k8s-metrics",
    "frr-k8s-status",
    "frr-k8s-statuscleaner",
    "gobgp",
    "gobgpd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "lab-probe",
    "lab-runc",
    "mesos-dns",
    "metrics-server",
    "nomad-api",
    "nomad-cni",
    "pulumi",
  ]);
});

test.each(tools.map((one) => [one.name, one] as const))(
  "%s names its results as go build does",
  (_, one) => {
    const results = one.packages.map((path) =>
      path === "." ? one.module : path.split("/").at(-1),
    );
    expect(Object.keys(one.programs).sort()).toEqual(results.sort());
    expect(existsSync(join(moduleDir(one), "go.mod"))).toBe(true);
  },
);
