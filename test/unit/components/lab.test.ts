import { labKinds } from "../../../components/kinds/lab";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import type { CoeConfig, Config } from "../../../config/types";
import { Lab } from "../../../lab/lab";
import type { Plan } from "../../../plan";
import { named, type Registered, registeredBy } from "../../helpers/mocks";
import { expectTree, type Named } from "../../helpers/tree";

const config = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(config);
const ports = { kubernetes: 16443, etcd: 12379, dcos: 18080 };
const given = {
  kinds: labKinds,
  name: "lab",
  ports,
  programs: "/programs",
  project: "/project",
  generation: "1",
};
const folders = { SEAMLESS_CACHE: "/cache", SEAMLESS_STATE: "/state" };
const before = { ...process.env };
let whole: readonly Registered[] = [];

beforeAll(async () => {
  Object.assign(process.env, folders);
  whole = await register();
});

afterAll(() => {
  process.env = before;
});

const register = (of: Plan = plan, coes = Object.keys(of.coes)) =>
  registeredBy((options) => new Lab("lab", { ...given, plan: of, coes }, options));

/** The reference lab with one COE changed. */
function planWith(change: (dcos: CoeConfig, kubernetes: CoeConfig) => Config["coes"]): Plan {
  const { dcos, kubernetes } = config.coes;
  if (dcos === undefined || kubernetes === undefined) throw new Error("not the reference lab");
  return makePlan({ ...config, coes: change(dcos, kubernetes) });
}

const component: Named = ["seamless:index:Lab", "lab"];
const command = "command:local:Command";
const container = "docker:index/container:Container";
const shared: Named[] = [
  [command, "lab-machine"],
  [command, "lab-images"],
  ["pulumi:providers:docker", "lab-docker"],
  ["docker:index/network:Network", "lab-network"],
  [command, "lab-files"],
];
const kubernetes: Named[] = [
  [command, "lab-kubernetes-credentials"],
  [container, "lab-kubernetes-controller"],
  [container, "lab-kubernetes-worker-1"],
  [container, "lab-kubernetes-worker-2"],
  [container, "lab-kubernetes-worker-3"],
  [command, "lab-kubernetes"],
];
const dcos: Named[] = [
  [container, "lab-dcos-agent-1"],
  [container, "lab-dcos-agent-2"],
  [container, "lab-dcos-agent-3"],
  [container, "lab-dcos-master"],
  [container, "lab-dcos-public-1"],
  [command, "lab-dcos"],
];

test("one container for each node, and a few steps around them", async () => {
  expectTree(whole, component, [...shared, ...kubernetes, ...dcos]);
});

test("only the COEs that are asked for", async () => {
  expectTree(await register(plan, ["dcos"]), component, [...shared, ...dcos]);
  expectTree(await register(plan, []), component, shared);
});

test("a node is one resource", async () => {
  for (const coe of Object.values(plan.coes)) {
    for (const node of Object.keys(coe.nodes)) {
      const own = whole.filter(({ name }) => name.startsWith(`lab-${coe.name}-${node}`));
      expect(own.map(({ name }) => name)).toEqual([`lab-${coe.name}-${node}`]);
    }
  }
});

test("a host is a whole machine at its address, with its files mounted", async () => {
  const { inputs, options } = named(whole, "lab-dcos-agent-1");
  const mount = (source: string, target: string) => ({
    type: "bind",
    source,
    target,
    readOnly: true,
  });
  expect(inputs).toEqual({
    name: "seamless-lab-dcos-agent-1",
    image: "localhost/seamless/host:1",
    hostname: "agent-1",
    privileged: true,
    cgroupnsMode: "private",
    restart: "unless-stopped",
    stopSignal: "SIGRTMIN+3",
    tmpfs: { "/run": "", "/run/lock": "" },
    mounts: [
      mount("/programs", "/opt/lab/bin"),
      mount("/project", "/opt/lab/dist"),
      mount("/node_modules", "/opt/lab/node_modules"),
      mount("/cache/lab-images-lab", "/opt/lab/images"),
      mount("/state/lab-lab/hosts/dcos/agent-1", "/etc/lab"),
    ],
    volumes: [{ containerPath: "/var/lib/dcos-agent" }],
    networksAdvanced: [{ name: "seamless-lab", ipv4Address: "172.16.18.43" }],
    labels: [{ label: "seamless.lab", value: "lab" }],
  });
  expect(options).toEqual({
    dependsOn: ["lab-files", "lab-images"],
    ignoreChanges: [],
    deleteBeforeReplace: true,
    retainOnDelete: false,
  });
});

test("the node network is the plan's, on the lab's own Docker daemon", async () => {
  expect(named(whole, "lab-docker").inputs).toEqual({
    host: "unix:///state/lab-lab/docker.sock",
  });
  expect(named(whole, "lab-network").inputs).toEqual({
    name: "seamless-lab",
    driver: "bridge",
    ipamConfigs: [{ subnet: "172.16.18.0/24" }],
    labels: [{ label: "seamless.lab", value: "lab" }],
  });
});

test("the machine forwards each API to the node that serves it", async () => {
  const machine = named(whole, "lab-machine").inputs;
  const forwards = {
    etcd: { port: 12379, to: "172.16.18.43:2379,172.16.18.44:2379,172.16.18.46:2379" },
    kubernetes: { port: 16443, to: "172.16.18.33:6443" },
    dcos: { port: 18080, to: "172.16.18.42:80" },
  };
  expect(machine).toEqual({
    create: "bin/seamless internal lab-machine",
    update: "bin/seamless internal lab-machine",
    delete: "bin/seamless internal lab-machine-down",
    environment: { SEAMLESS_GENERATION: "1" },
    stdin: expect.any(String),
  });
  expect(JSON.parse(String(machine.stdin))).toEqual({ name: "lab", forwards });
  const { stdin } = named(await register(plan, ["kubernetes"]), "lab-machine").inputs;
  expect(JSON.parse(String(stdin))).toEqual({
    name: "lab",
    forwards: { kubernetes: forwards.kubernetes },
  });
});

test("a COE starts after its own hosts, with the images they were given", async () => {
  const { inputs, options } = named(whole, "lab-dcos");
  expect(options.dependsOn).toEqual(dcos.slice(0, -1).map(([, name]) => name));
  expect(inputs).toEqual({
    create: "bin/seamless internal lab-start",
    update: "bin/seamless internal lab-start",
    environment: { SEAMLESS_IMAGES: "printed" },
    stdin: `${JSON.stringify({ lab: "lab", coe: plan.coes.dcos, ports }, null, 2)}\n`,
  });
});

test.each([
  ["public", ["lab-files", "lab-dcos"]],
  // Where a member of etcd may be, too, so the machine forwards to it.
  ["private", ["lab-machine", "lab-files", "lab-dcos"]],
])("one more %s agent is one more container, and no other is changed", async (role, steps) => {
  const added = planWith(({ nodes, ...rest }, other) => ({
    kubernetes: other,
    dcos: { ...rest, nodes: { ...nodes, "agent-4": { address: "172.16.18.47", role } } },
  }));
  const found = await register(added);
  const names = new Set(whole.map(({ name }) => name));
  const isNew = ({ name }: { name: string }) => !names.has(name);
  expect(found.filter(isNew).map(({ name }) => name)).toEqual(["lab-dcos-agent-4"]);
  const changed = whole.filter(
    (one) => JSON.stringify(one) !== JSON.stringify(named(found, one.name)),
  );
  expect(changed.map(({ name }) => name)).toEqual(steps);
});

test("another worker or range leaves the credentials as they are", async () => {
  const changed = planWith((other, { nodes, ...rest }) => ({
    dcos: other,
    kubernetes: {
      ...rest,
      podCidr: "192.168.64.0/18",
      nodes: { ...nodes, "worker-4": { address: "172.16.18.37" } },
    },
  }));
  const step = "lab-kubernetes-credentials";
  expect(named(await register(changed), step)).toEqual(named(whole, step));
});

test("what runs on the nodes and what programs are told", async () => {
  let lab: Lab | undefined;
  await registeredBy((options) => {
    lab = new Lab("lab", { ...given, plan, coes: Object.keys(plan.coes) }, options);
    return lab;
  });
  const dockerHost = "unix:///state/lab-lab/docker.sock";
  expect(lab?.dockerHost).toBe(dockerHost);
  expect(lab?.coes.dcos?.endpoints).toEqual({
    url: "http://127.0.0.1:18080",
    etcdEndpoints: ["http://127.0.0.1:12379"],
  });
  expect(Object.keys(lab?.coes.kubernetes?.endpoints ?? {})).toEqual(["kubeconfig"]);
  expect(lab?.coes.kubernetes?.nodes["worker-1"]).toEqual({
    via: "docker",
    dockerHost,
    container: "seamless-lab-kubernetes-worker-1",
  });
});

const stdin = (all: readonly Registered[], name: string): unknown =>
  JSON.parse(String(named(all, name).inputs.stdin));

/** A second DC/OS in the lab. */
const twice = planWith((one, other) => ({
  kubernetes: { ...other, podCidr: "192.168.0.0/18" },
  dcos: one,
  second: {
    ...one,
    podCidr: "192.168.64.0/18",
    nodes: { master: { address: "172.16.18.52", role: "master" } },
  },
}));

test("a second COE of a kind has ports of its own", async () => {
  const ports = { ...given.ports, "second.dcos": 18081, "second.etcd": 12380 };
  let lab: Lab | undefined;
  const all = await registeredBy((options) => {
    lab = new Lab("lab", { ...given, ports, plan: twice, coes: ["dcos", "second"] }, options);
    return lab;
  });
  expect(lab?.coes.dcos?.endpoints).toMatchObject({ url: "http://127.0.0.1:18080" });
  expect(lab?.coes.second?.endpoints).toEqual({
    url: "http://127.0.0.1:18081",
    etcdEndpoints: ["http://127.0.0.1:12380"],
  });
  expect(stdin(all, "lab-machine")).toMatchObject({
    forwards: {
      dcos: { port: 18080, to: "172.16.18.42:80" },
      "second.dcos": { port: 18081, to: "172.16.18.52:80" },
    },
  });
  expect(stdin(all, "lab-second")).toMatchObject({ ports: { dcos: 18081, etcd: 12380 } });
});

test("two COEs at one port are refused", () => {
  expect(() => new Lab("lab", { ...given, plan: twice, coes: ["dcos", "second"] })).toThrow(
    "lab.ports.dcos: two COEs claim it",
  );
});

test("a kind that the lab has no hosts for is refused", () => {
  const { dcos: one } = plan.coes;
  if (one === undefined) throw new Error("not the reference lab");
  const other = { ...plan, coes: { metal: { ...one, name: "metal", kind: "openshift" } } };
  expect(() => new Lab("lab", { ...given, plan: other, coes: ["metal"] })).toThrow(
    "coes.metal.access: found embedded; the lab has hosts of kind dcos, kubernetes, hosts, swarm, nomad",
  );
});
