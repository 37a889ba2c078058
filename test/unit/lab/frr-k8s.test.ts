import { readFileSync } from "node:fs";
import { labKinds } from "../../../components/kinds/lab";
import {
  makePlan,
  parseConfig,
  parseStackConfig,
  readStackConfig,
} from "../../../components/kinds/planning";
import { giveRange } from "../../../components/kubernetes/lab/start-frr-k8s";
import { adaptFrrManifest } from "../../../components/speakers/frr-k8s/lab/manifest";
import { FrrPeering } from "../../../components/speakers/frr-k8s/peering";
import { labKindOf } from "../../../lab/contract";
import type { CoePlan } from "../../../plan/types";
import { named, registeredBy } from "../../helpers/mocks";

const config = readStackConfig("Pulumi.frr-k8s.yaml");
const { kubernetes } = makePlan(config).coes;
if (kubernetes === undefined) throw new Error("no kubernetes in Pulumi.frr-k8s.yaml");
const kind = labKindOf(labKinds, kubernetes);
if (kind === undefined) throw new Error("the lab does not make it");

/** Certificates with their own names as texts. */
const pki = {
  authority: "authority",
  leaves: Object.fromEntries(
    Object.keys(kind.certificates(kubernetes)).map((name) => [
      name,
      { certificate: `${name} certificate`, privateKey: `${name} key` },
    ]),
  ),
  serviceAccount: { privateKey: "token key", publicKey: "token public key" },
};

function filesOf(coe: CoePlan, name: string) {
  const node = coe.nodes[name];
  if (node === undefined) throw new Error(`no ${name}`);
  const { files = [], units = [] } = kind?.files(coe, node, pki) ?? {};
  return {
    cni: files.find(({ path }) => path === "cni.conflist")?.text ?? "",
    unit: units.find((one) => one.name === "lab-cni.service"),
    units: units.map((one) => one.name),
  };
}

test("a node has the CNI project's own plugins with its own range, and no NAT", () => {
  const { cni, unit, units } = filesOf(kubernetes, "worker-1");
  expect(JSON.parse(cni)).toEqual({
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: "192.168.1.0/24" }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
  expect(units).toEqual([
    ...["lab-routes.service", "lab-containerd.service", "kubelet.service", "kube-proxy.service"],
    "lab-cni.service",
  ]);
  expect(unit?.reads).toEqual(["cni.conflist"]);
  expect(unit?.text).toBe(`[Unit]
Description=The node's network of containers
Before=lab-containerd.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/mkdir -p /etc/cni/net.d
ExecStart=/bin/cp /etc/lab/cni.conflist /etc/cni/net.d/10-pods.conflist
`);
});

test("with both families a node's pods have a range, and a way out, of each", () => {
  const node = { ...kubernetes.nodes["worker-1"], podCidr: ["192.168.1.0/24", "fd00:1::/64"] };
  const both = { ...kubernetes, nodes: { ...kubernetes.nodes, "worker-1": node } } as CoePlan;
  const { cni, unit } = filesOf(both, "worker-1");
  const [bridge] = JSON.parse(cni).plugins;
  expect(bridge.ipam.ranges).toEqual([[{ subnet: "192.168.1.0/24" }], [{ subnet: "fd00:1::/64" }]]);
  expect(bridge.ipam.routes).toEqual([{ dst: "0.0.0.0/0" }, { dst: "::/0" }]);
  expect(unit?.text).toContain(`
ExecStart=/sbin/sysctl -qw net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.all.forwarding=1
ExecStart=/bin/mkdir -p /etc/cni/net.d
`);
});

const pod = (kinds: string, containers: object[], initContainers: object[]) => ({
  kind: kinds,
  spec: { template: { spec: { containers, initContainers } } },
});
const frrK8s = { image: "quay.io/metallb/frr-k8s:v0.0.25", name: "controller" };

test("of FRR-K8s' manifest only FRR's image is another", () => {
  const frr = { image: "quay.io/frrouting/frr:10.4.3", name: "frr", securityContext: {} };
  const role = { kind: "ClusterRole", rules: [] };
  const own = { ...frr, image: "localhost/seamless/frr:10.3" };
  const manifest = () => [
    role,
    null,
    pod("DaemonSet", [frrK8s, { ...frr }], [{ ...frr }]),
    pod("Deployment", [frrK8s], []),
  ];
  const adapted = adaptFrrManifest(manifest());
  expect(adapted).toEqual([
    role,
    pod("DaemonSet", [frrK8s, own], [own]),
    pod("Deployment", [frrK8s], []),
  ]);
});

test.each([
  [[frrK8s], "found no quay.io/frrouting/frr"],
  [
    [{ image: "quay.io/frrouting/frr:11" }, { image: "quay.io/metallb/frr-k8s:v9" }],
    "found quay.io/metallb/frr-k8s:v9",
  ],
])("a manifest with other images is refused (%#)", (containers, found) => {
  expect(() => adaptFrrManifest([pod("DaemonSet", containers, [])])).toThrow(
    `FRR-K8s' manifest has images that the lab has not: ${found}`,
  );
});

test("the lab's FRR-K8s is in its usual namespace", () => {
  const { kubernetes: own, ...others } = config.coes;
  const given = { ...config, coes: { ...others, kubernetes: { ...own, frrNamespace: "x" } } };
  expect(() => parseConfig(given)).toThrow(
    "coes.kubernetes.frrNamespace: found x; FRR-K8s of the lab is in frr-k8s-system: leave it out",
  );
});

describe("a node's range", () => {
  const answers = (spec: object) => {
    const asked: string[] = [];
    const kubectl = async (args: readonly string[]) => {
      asked.push(args.join(" "));
      const stdout = args[0] === "get" ? JSON.stringify({ spec }) : "";
      return { code: 0, stdout, stderr: "" };
    };
    return { asked, kubectl };
  };
  const { "worker-1": worker } = kubernetes.nodes;
  if (worker === undefined) throw new Error("no worker-1");
  const get = "get node worker-1 --output=json";

  test("is given to a node that has none", async () => {
    const { asked, kubectl } = answers({});
    await giveRange(kubectl, worker, () => undefined);
    const patch = '{"spec":{"podCIDR":"192.168.1.0/24","podCIDRs":["192.168.1.0/24"]}}';
    expect(asked).toEqual([get, `patch node worker-1 --type=merge --patch=${patch}`]);
  });

  test("that is there already is left as it is", async () => {
    const { asked, kubectl } = answers({ podCIDRs: ["192.168.1.0/24"] });
    await giveRange(kubectl, worker, () => undefined);
    expect(asked).toEqual([get]);
  });

  test("that is another is told, with what to do", async () => {
    const { asked, kubectl } = answers({ podCIDRs: ["192.168.9.0/24"] });
    await expect(giveRange(kubectl, worker, () => undefined)).rejects.toThrow(
      "kubernetes/worker-1: found podCIDRs 192.168.9.0/24, and the plan has 192.168.1.0/24; Kubernetes gives a node its ranges once: plan those, or destroy the lab and make it anew",
    );
    expect(asked).toEqual([get]);
  });
});

test.each([
  [undefined, undefined],
  ["2001:db8:18::/96", "PreferDualStack"],
])("the probe's service has the families of its COE (%s)", async (ipv6, ipFamilyPolicy) => {
  const text = readFileSync("Pulumi.frr-k8s.yaml", "utf8");
  const given = ipv6 === undefined ? text : text.replace(/( +)asn: .*/, `$&\n$1ipv6: ${ipv6}`);
  const plan = makePlan(parseStackConfig(given, "frr-k8s.yaml"));
  const found = await registeredBy((options) => {
    const access = { kubeconfig: "apiVersion: v1" };
    return new FrrPeering(
      "kubernetes",
      { plan, coe: "kubernetes", access, probe: { instances: 1 } },
      options,
    );
  });
  expect(named(found, "kubernetes-probe-service").inputs.spec).toEqual({
    type: "ClusterIP",
    ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    selector: { app: "seamless-probe" },
    ports: [{ name: "http", port: 8080, targetPort: 8080 }],
  });
});
