import { dcosLab } from "../../../components/dcos/lab";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { kubernetesLab } from "../../../components/kubernetes/lab";
import type { HostFiles, Pki } from "../../../lab/contract";
import { flags, renderEnvironment, renderService } from "../../../lab/hosts/render";
import type { CoePlan, NodePlan } from "../../../plan/types";

const plan = makePlan(readStackConfig("Pulumi.lab.yaml"));

function coeOf(name: string): CoePlan {
  const coe = plan.coes[name];
  if (coe === undefined) throw new Error(`no ${name} in the plan`);
  return coe;
}

function nodeOf(coe: CoePlan, name: string): NodePlan {
  const node = coe.nodes[name];
  if (node === undefined) throw new Error(`no ${name} in the plan`);
  return node;
}

const [kubernetes, dcos] = [coeOf("kubernetes"), coeOf("dcos")];

/** Certificates with their own names as texts. */
const pki: Pki = {
  authority: "authority",
  leaves: Object.fromEntries(
    Object.keys(kubernetesLab.certificates(kubernetes)).map((name) => [
      name,
      { certificate: `${name} certificate`, privateKey: `${name} key` },
    ]),
  ),
  serviceAccount: { privateKey: "token key", publicKey: "token public key" },
};

const worker = kubernetesLab.files(kubernetes, nodeOf(kubernetes, "worker-1"), pki);
const controller = kubernetesLab.files(kubernetes, nodeOf(kubernetes, "controller"), pki);
const agent = dcosLab.files(dcos, nodeOf(dcos, "agent-1"), pki);

const fileOf = ({ files }: HostFiles, path: string) => files.find((one) => one.path === path)?.text;
const unitOf = ({ units }: HostFiles, name: string) => units.find((one) => one.name === name);
const namesOf = ({ files, units }: HostFiles) => ({
  files: files.map(({ path, secret }) => (secret === true ? `${path} (secret)` : path)),
  units: units.map(({ name }) => name),
});

test("a worker's files and units", () => {
  expect(namesOf(worker)).toEqual({
    files: [
      "containerd.toml",
      "pki/ca.crt",
      "kubelet.yaml",
      "kubelet.kubeconfig (secret)",
      "pki/node.crt",
      "pki/node.key (secret)",
      "kube-proxy.yaml",
      "kube-proxy.kubeconfig (secret)",
    ],
    units: [
      "lab-routes.service",
      "lab-containerd.service",
      "kubelet.service",
      "kube-proxy.service",
    ],
  });
});

test("the controller has the control plane beside", () => {
  const { files, units } = namesOf(worker);
  expect(namesOf(controller)).toEqual({
    files: [
      ...files,
      "pki/service-account.key (secret)",
      "pki/apiserver.crt",
      "pki/apiserver.key (secret)",
      "pki/kubelet-client.crt",
      "pki/kubelet-client.key (secret)",
      "pki/front-proxy.crt",
      "pki/front-proxy.key (secret)",
      "pki/service-account.pub",
      "kube-controller-manager.kubeconfig (secret)",
      "kube-scheduler.kubeconfig (secret)",
    ],
    units: [
      ...units,
      "lab-etcd.service",
      "kube-apiserver.service",
      "kube-controller-manager.service",
      "kube-scheduler.service",
    ],
  });
});

test("a kubelet's unit", () => {
  expect(unitOf(worker, "kubelet.service")).toEqual({
    name: "kubelet.service",
    reads: ["pki/ca.crt", "kubelet.yaml", "kubelet.kubeconfig", "pki/node.crt", "pki/node.key"],
    text: `[Unit]
Description=kubelet
After=lab-containerd.service
Requires=lab-containerd.service
StartLimitIntervalSec=0

[Service]
Type=simple
Restart=always
RestartSec=1
ExecStartPre=/bin/mount --make-rshared /
ExecStart=/opt/lab/bin/kubelet --config=/etc/lab/kubelet.yaml --hostname-override=worker-1 --kubeconfig=/etc/lab/kubelet.kubeconfig --node-ip=172.16.18.34
KillMode=process
`,
  });
});

test("a kubelet's configuration", () => {
  const text = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: /etc/lab/pki/ca.crt
authorization:
  mode: Webhook
cgroupDriver: systemd
clusterDNS:
  - 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
evictionHard:
  imagefs.available: 1%
  memory.available: 100Mi
  nodefs.available: 1%
  nodefs.inodesFree: 1%
failCgroupV1: false
failSwapOn: false
imageGCHighThresholdPercent: 99
imageGCLowThresholdPercent: 98
kind: KubeletConfiguration
maxPods: 60
protectKernelDefaults: false
RESTresolvConf: /etc/resolv.conf
tlsCertFile: /etc/lab/pki/node.crt
tlsPrivateKeyFile: /etc/lab/pki/node.key
`;
  const taints = `registerWithTaints:
  - effect: NoSchedule
    key: node-role.kubernetes.io/control-plane
`;
  expect(fileOf(worker, "kubelet.yaml")).toBe(text.replace("REST", ""));
  expect(fileOf(controller, "kubelet.yaml")).toBe(text.replace("REST", taints));
});

test("a node's programs prove themselves with their own certificates", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  expect(fileOf(worker, "kubelet.kubeconfig")).toBe(`apiVersion: v1
clusters:
  - cluster:
      certificate-authority-data: ${base64("authority")}
      server: https://172.16.18.33:6443
    name: seamless
contexts:
  - context:
      cluster: seamless
      user: seamless
    name: seamless
current-context: seamless
kind: Config
users:
  - name: seamless
    user:
      client-certificate-data: ${base64("node-worker-1 certificate")}
      client-key-data: ${base64("node-worker-1 key")}
`);
  expect(fileOf(worker, "kube-proxy.kubeconfig")).toContain(base64("kube-proxy key"));
});

test("the routes of a host, with its services where there are any", () => {
  const text = `[Unit]
Description=Static routes of the lab
DefaultDependencies=no
Before=network.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/sbin/ip route del default
ExecStart=/sbin/ip route replace 169.254.1.1 dev eth0
`;
  expect(unitOf(agent, "lab-routes.service")?.text).toBe(text);
  expect(unitOf(worker, "lab-routes.service")?.text).toBe(
    `${text}ExecStart=/sbin/ip route replace 10.96.0.0/16 dev eth0\n`,
  );
});

test("the API server's own names, and the services' range", () => {
  expect(kubernetesLab.certificates(kubernetes).apiserver).toEqual({
    commonName: "kube-apiserver",
    names: [
      "DNS:kubernetes",
      "DNS:kubernetes.default",
      "DNS:kubernetes.default.svc",
      "DNS:kubernetes.default.svc.cluster.local",
      "DNS:localhost",
      "DNS:controller",
      "IP:172.16.18.33",
      "IP:10.96.0.1",
      "IP:127.0.0.1",
    ],
  });
  expect(kubernetesLab.certificates(kubernetes)["node-worker-1"]).toEqual({
    commonName: "system:node:worker-1",
    organization: "system:nodes",
    names: ["DNS:worker-1", "IP:172.16.18.34"],
  });
  const apiserver = unitOf(controller, "kube-apiserver.service")?.text;
  expect(apiserver).toContain(" --advertise-address=172.16.18.33 ");
  expect(apiserver).toContain(" --service-cluster-ip-range=10.96.0.0/16 ");
});

test("the controller's etcd serves nobody else", () => {
  expect(unitOf(controller, "lab-etcd.service")?.text).toContain(
    "--listen-client-urls=http://127.0.0.1:2379 ",
  );
});

const node = (coe: CoePlan, name: string, role: string): CoePlan => ({
  ...coe,
  nodes: { ...coe.nodes, [name]: { ...nodeOf(coe, name), role } },
});
const { serviceCidr: _none, ...withoutServices } = kubernetes;

test.each([
  [
    node(kubernetes, "worker-1", "controller"),
    "coes.kubernetes.nodes: found controller, worker-1 with role controller; the lab runs exactly one",
  ],
  [
    node(kubernetes, "controller", "worker"),
    "coes.kubernetes.nodes: found none with role controller; the lab runs exactly one",
  ],
  [
    withoutServices,
    "coes.kubernetes.serviceCidr: missing; the lab's Kubernetes needs a range, such as 10.96.0.0/16",
  ],
])("refuses a cluster that the lab cannot make (%#)", (coe, message) => {
  expect(() => kubernetesLab.forwards(coe)).toThrow(message);
});

test("quotes what systemd would take for its own", () => {
  const text = renderService({
    description: "x",
    start: [["/bin/echo", "two words", "100%", "$HOME", 'say "hi"\\', ""]],
    environment: { B: "b c", A: "a" },
  });
  expect(text.split("\n").slice(-4)).toEqual([
    "Environment=A=a",
    'Environment="B=b c"',
    'ExecStart=/bin/echo "two words" 100%% $$HOME "say \\"hi\\"\\\\" ""',
    "",
  ]);
});

test("flags and environments are sorted by name", () => {
  expect(flags({ b: 1, a: true, c: "x" })).toEqual(["--a=true", "--b=1", "--c=x"]);
  expect(renderEnvironment({ B: "2", A: "1" })).toBe("A=1\nB=2\n");
});
