import { spawnSync } from "node:child_process";
import { output, type ResourceTransformation, runtime } from "@pulumi/pulumi";
import { explain } from "../../../components/dcos/api/deployment";
import { differences } from "../../../components/dcos/compare";
import { type DcosArgs, DcosPeering } from "../../../components/dcos/peering";
import { probeApp } from "../../../components/dcos/probe-app";
import { dcosNodes, dcosPlan } from "../../helpers/dcos-plan";

const plan = dcosPlan();

const registered: runtime.MockResourceArgs[] = [];

beforeAll(async () => {
  await runtime.setMocks(
    {
      newResource(args) {
        registered.push(args);
        return { id: `${args.name}-id`, state: args.inputs };
      },
      call: (args) => args.inputs,
    },
    "seamless",
    "test",
  );
});

async function registeredBy(args: Partial<DcosArgs>): Promise<readonly runtime.MockResourceArgs[]> {
  registered.splice(0);
  const access = { url: "http://127.0.0.1:18080", etcdEndpoints: ["http://127.0.0.1:12379"] };
  const peering = new DcosPeering("dcos", { plan, coe: "dcos", access, ...args });
  await new Promise((resolve) => output(peering.urn).apply(resolve));
  await runtime.disconnect();
  return [...registered];
}

const objects = `apiVersion: projectcalico.org/v3
kind: IPPool
metadata:
  name: 192-168-128-0-17
spec:
  blockSize: 26
  cidr: 192.168.128.0/17
  ipipMode: Never
  natOutgoing: false
  nodeSelector: all()
  vxlanMode: Never
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: allow-all
spec:
  egress:
    - action: Allow
  ingress:
    - action: Allow
  selector: has(projectcalico.org/orchestrator)
  types:
    - Ingress
    - Egress
---
apiVersion: projectcalico.org/v3
kind: Profile
metadata:
  name: calico-open
spec:
  egress:
    - action: Allow
  ingress:
    - action: Allow
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata:
  name: 172-16-18-32
spec:
  asNumber: 64511
  peerIP: 172.16.18.32
---
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata:
  name: default
spec:
  asNumber: 64511
  nodeToNodeMeshEnabled: false
`;

const appOfThree = {
  id: "/seamless-probe",
  instances: 3,
  cpus: 0.1,
  mem: 32,
  constraints: [["hostname", "UNIQUE"]],
  acceptedResourceRoles: ["*", "slave_public"],
  networks: [{ mode: "container", name: "calico-open", labels: { app: "seamless-probe" } }],
  container: {
    type: "MESOS",
    portMappings: [{ containerPort: 8080, protocol: "tcp", name: "http" }],
  },
  healthChecks: [
    {
      protocol: "MESOS_HTTP",
      path: "/",
      port: 8080,
      gracePeriodSeconds: 60,
      intervalSeconds: 10,
      timeoutSeconds: 5,
      maxConsecutiveFailures: 3,
    },
  ],
  maxLaunchDelaySeconds: 5,
  upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  labels: { SEAMLESS_POD_CIDR: "192.168.128.0/17" },
};

const documentsV1 = `- apiVersion: v1
  kind: ipPool
  metadata:
    cidr: 192.168.128.0/17
  spec:
    nat-outgoing: false
    ipip:
      enabled: false
- apiVersion: v1
  kind: bgpPeer
  metadata:
    peerIP: 172.16.18.32
    scope: global
  spec:
    asNumber: 64511
- apiVersion: v1
  kind: policy
  metadata:
    name: allow-all
  spec:
    types:
      - ingress
      - egress
    ingress:
      - action: allow
    egress:
      - action: allow
- apiVersion: v1
  kind: profile
  metadata:
    name: calico-open
  spec:
    egress:
      - action: allow
    ingress:
      - action: allow
`;

test("without a probe there are three steps below the component", async () => {
  const resources = await registeredBy({});
  expect(resources.map(({ type, name }) => [type, name])).toEqual([
    ["seamless:index:DcosPeering", "dcos"],
    ["command:local:Command", "dcos-inspect"],
    ["command:local:Command", "dcos-calico"],
    ["command:local:Command", "dcos-mesh"],
  ]);
  const { stdin, ...looks } = resources[1]?.inputs ?? {};
  expect(looks).toEqual({ create: "bin/seamless internal dcos-inspect" });
  expect(JSON.parse(stdin)).toEqual({
    url: "http://127.0.0.1:18080",
    coe: plan.coes.dcos,
    calico: {
      podCidr: "192.168.128.0/17",
      blockSize: 26,
      asn: 64511,
      reflectors: { reflector: { address: "172.16.18.32", asn: 64511 } },
      announced: {},
      natOutgoing: false,
      foreign: {},
      policy: { mode: "open", sources: {} },
    },
    etcdEndpoints: ["http://127.0.0.1:12379"],
  });
  const { inputs } = resources[2] ?? {};
  expect(inputs).toEqual({
    create: "bin/seamless internal calico-etcd",
    update: "bin/seamless internal calico-etcd",
    delete: "bin/seamless internal calico-etcd-delete",
    stdin: `${JSON.stringify({ etcdEndpoints: ["http://127.0.0.1:12379"], objects }, null, 2)}\n`,
  });
});

test("nodes in another AS than the rest are told theirs before the rest is", async () => {
  const mixed = dcosPlan({
    nodes: { ...dcosNodes, "agent-1": { address: "172.16.18.43", asn: 64600 } },
  });
  const steps = await registeredBy({ plan: mixed });
  const step = steps.find(({ name }) => name === "dcos-node-as");
  const { stdin, ...commands } = step?.inputs ?? {};
  expect(commands).toEqual({
    create: "bin/seamless internal calico-node-as",
    update: "bin/seamless internal calico-node-as",
    delete: "bin/seamless internal calico-node-as-delete",
  });
  expect(JSON.parse(stdin)).toEqual({
    etcdEndpoints: ["http://127.0.0.1:12379"],
    asn: 64511,
    nodes: {
      "agent-1": { address: "172.16.18.43", asn: 64600 },
      "agent-2": { address: "172.16.18.44", asn: 64511 },
      "public-1": { address: "172.16.18.45", asn: 64511 },
    },
  });
  expect(steps.map(({ name }) => name).indexOf("dcos-node-as")).toBeLessThan(
    steps.map(({ name }) => name).indexOf("dcos-calico"),
  );
});

test("an older Calico gets v1 documents, by a step of another name", async () => {
  const old = dcosPlan({ calicoApi: "v1" });
  const [step, mesh] = (await registeredBy({ plan: old })).slice(-2);
  const { stdin, ...commands } = step?.inputs ?? {};
  expect([step?.name, commands]).toEqual([
    "dcos-calico-v1",
    {
      create: "bin/seamless internal calico-etcd-v1",
      update: "bin/seamless internal calico-etcd-v1",
      delete: "bin/seamless internal calico-etcd-v1-delete",
    },
  ]);
  expect(JSON.parse(stdin)).toEqual({
    etcdEndpoints: ["http://127.0.0.1:12379"],
    documents: documentsV1,
    asNumber: 64511,
  });
  expect(mesh?.inputs.create).toBe("bin/seamless internal calico-v1-mesh");
});

test("the probe is a step of its own, and the token never part of its input", async () => {
  const access = {
    url: "https://dcos.example",
    etcdEndpoints: ["http://127.0.0.1:12379"],
    token: "s3cret",
  };
  const resources = await registeredBy({ access, probe: { instances: 3 } });
  const probe = resources.find(({ name }) => name === "dcos-probe");
  expect(probe?.type).toBe("command:local:Command");
  const { stdin, environment, ...commands } = probe?.inputs ?? {};
  expect(commands).toEqual({
    create: "bin/seamless internal marathon-app",
    update: "bin/seamless internal marathon-app",
    delete: "bin/seamless internal marathon-app-delete",
  });
  expect(JSON.parse(stdin)).toEqual({
    url: access.url,
    service: "marathon",
    app: { cmd: expect.stringContaining("exec nginx "), ...appOfThree },
  });
  expect(stdin).not.toContain("s3cret");
  expect(JSON.stringify(environment)).toContain("s3cret");
});

test("the probe runs on the second Marathon, in the group of the load balancer", async () => {
  const dcos = dcosPlan({ packages: { "marathon-lb": {}, "marathon-user": {} } });
  const packages = { "marathon-user": {}, "marathon-lb": { group: "edge" } };
  const resources = await registeredBy({ plan: dcos, packages, probe: { instances: 1 } });
  const probe = resources.find(({ name }) => name === "dcos-probe");
  expect(JSON.parse(probe?.inputs.stdin)).toMatchObject({
    service: "marathon-user",
    app: { labels: { HAPROXY_GROUP: "edge" } },
  });
  const installed = resources.filter(({ type }) => type === "dcos:index:Package");
  expect(installed.map(({ name, inputs }) => [name, inputs.packageName])).toEqual([
    ["dcos-marathon-user", "marathon"],
    ["dcos-marathon-lb", "marathon-lb"],
  ]);
});

test("every step is a child of the component", async () => {
  const parents: [string, unknown][] = [];
  const access = { url: "http://127.0.0.1:1", etcdEndpoints: ["http://127.0.0.1:2"] };
  const note: ResourceTransformation = ({ name, opts }) => {
    parents.push([name, opts.parent]);
    return undefined;
  };
  const args = { plan, coe: "dcos", access, probe: { instances: 1 } };
  const peering = new DcosPeering("dcos", args, { transformations: [note] });
  expect(parents).toEqual([
    ["dcos", undefined],
    ["dcos-inspect", peering],
    ["dcos-calico", peering],
    ["dcos-mesh", peering],
    ["dcos-probe", peering],
  ]);
});

test("the older form of an app names its network by ipAddress", () => {
  const { networks, container, ipAddress } = probeApp(plan, "dcos", {
    instances: 1,
    form: "ipAddress",
  });
  expect([networks, container, ipAddress]).toEqual([
    undefined,
    { type: "MESOS" },
    {
      networkName: "calico-open",
      labels: { app: "seamless-probe" },
      discovery: { ports: [{ number: 8080, protocol: "tcp", name: "http" }] },
    },
  ]);
});

test.each([
  [
    { url: "http://x" },
    'coes.dcos.access.etcd: missing; a DC/OS cluster needs it, for instance ["http://10.0.0.1:2379"]',
  ],
  [
    { etcdEndpoints: ["http://x"] },
    'coes.dcos.access.url: missing; a DC/OS cluster needs it, for instance "https://dcos.example.com"',
  ],
])("endpoints %j are not enough", (access, message) => {
  const args = { plan, coe: "dcos", access, probe: { instances: 1 } };
  expect(() => new DcosPeering("dcos", args)).toThrow(message);
});

test("the probe is at most one nginx on each agent, public ones too", () => {
  const { cmd, ...app } = probeApp(plan, "dcos", { instances: 3 });
  expect(app).toEqual(appOfThree);
  // What the shell makes of it: with `cat` to standard output and without the last line.
  const script = String(cmd)
    .replace("cat > nginx.conf", "cat")
    .replace(/^exec .*$/m, "");
  const { stdout } = spawnSync("sh", ["-c", script], { env: { MESOS_TASK_ID: "task-1" } });
  expect(stdout.toString()).toContain(`return 200 '{"server":"task-1","client":"$remote_addr"}';`);
});

test("an image is asked for where the cluster runs images", () => {
  const app = probeApp(plan, "dcos", { instances: 1, image: "nginx:1.27" });
  expect(app.container).toMatchObject({ type: "MESOS", docker: { image: "nginx:1.27" } });
});

test("more servers than agents are refused", () => {
  expect(() => probeApp(plan, "dcos", { instances: 4 })).toThrow(
    "coes.dcos.probe.instances: found 4, allowed 0 to 3: one for each agent, for no agent runs two",
  );
});

test("what was read back is compared with what was asked, and no more", () => {
  const asked = { spec: { a: 1, off: false, list: [{ x: 1 }], map: {} } };
  expect(differences(asked, { spec: { a: 1, list: [{ x: 1, y: {} }], more: 2 } }, "")).toEqual([]);
  expect(differences(asked, { spec: { a: 2, off: true, list: [] } }, "")).toEqual([
    "spec.a: asked 1, found 2",
    "spec.off: asked false, found true",
    'spec.list: asked [{"x":1}], found []',
  ]);
  expect(differences(asked, { spec: { a: 1, list: [{ x: 2 }] } }, "")).toEqual([
    "spec.list[0].x: asked 1, found 2",
  ]);
  expect(differences(1, undefined, "a")).toEqual(["a: asked 1, found nothing"]);
});

test("an item of the queue says what offers were declined for", () => {
  const rejectSummaryLastOffers = [
    { reason: "UnfulfilledRole", declined: 1, processed: 3 },
    { reason: "UnfulfilledConstraint", declined: 2, processed: 2 },
    { reason: "InsufficientCpus", declined: 0, processed: 0 },
  ];
  expect(explain({ count: 1, processedOffersSummary: { rejectSummaryLastOffers } })).toBe(
    "1 in the queue (offers declined: UnfulfilledRole 1 of 3, UnfulfilledConstraint 2 of 2)",
  );
  expect(explain({ count: 2, delay: { timeLeftSeconds: 5 } })).toBe(
    "2 in the queue, next try in 5 s (offers declined: no offer was declined yet)",
  );
});
