import type { AppDefinition } from "../../../../standins/dcos/master/app";
import { parseApp } from "../../../../standins/dcos/master/parse-app";
import { assignServicePorts, servicePortsOf } from "../../../../standins/dcos/master/service-ports";
import { showDefinition } from "../../../../standins/dcos/master/show";
import { update } from "../../../../standins/dcos/master/translate";

/** Networks, container and ports of an app as they are kept. */
function networking(fields: Readonly<Record<string, unknown>>) {
  const { networks, container, portDefinitions, requirePorts } = app(fields);
  return { networks, container, portDefinitions, requirePorts };
}

function app(fields: Readonly<Record<string, unknown>>): AppDefinition {
  const parsed = parseApp({ id: "/x", cmd: "true", ...fields });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.app;
}

const labels = { tier: "web" };
const mapping = (fields: Readonly<Record<string, unknown>>) => ({
  containerPort: 80,
  servicePort: 0,
  protocol: "tcp",
  labels: {},
  ...fields,
});
const docker = { image: "nginx:1.27", forcePullImage: false, privileged: false, parameters: [] };

test.each([
  [
    "a container of Mesos with an address of its own and named ports",
    {
      ipAddress: {
        networkName: "calico-open",
        labels,
        groups: ["g"],
        discovery: { ports: [{ number: 80, name: "http", protocol: "tcp" }] },
      },
    },
    {
      networks: [{ mode: "container", name: "calico-open", labels }],
      container: { type: "MESOS", volumes: [], portMappings: [mapping({ name: "http" })] },
    },
  ],
  [
    "a container of Docker on a network of the user's",
    {
      ipAddress: { networkName: "calico-open", labels },
      container: {
        type: "DOCKER",
        docker: {
          image: "nginx:1.27",
          network: "USER",
          portMappings: [{ containerPort: 80, servicePort: 10_005 }],
        },
      },
    },
    {
      networks: [{ mode: "container", name: "calico-open", labels }],
      container: {
        type: "DOCKER",
        docker,
        volumes: [],
        portMappings: [mapping({ servicePort: 10_005 })],
      },
    },
  ],
  [
    "a container of Docker on the bridge, whose ports are led to",
    {
      container: {
        docker: { image: "nginx:1.27", network: "BRIDGE", portMappings: [{ containerPort: 80 }] },
      },
    },
    {
      networks: [{ mode: "container/bridge", labels: {} }],
      container: { type: "DOCKER", docker, volumes: [], portMappings: [mapping({ hostPort: 0 })] },
    },
  ],
  [
    "a container of Docker on the host",
    {
      container: { type: "DOCKER", docker: { image: "nginx:1.27", network: "HOST" } },
      ports: [80, 0],
      requirePorts: true,
    },
    {
      networks: [{ mode: "host" }],
      container: { type: "DOCKER", docker, volumes: [] },
      portDefinitions: [
        { port: 80, protocol: "tcp", labels: {} },
        { port: 0, protocol: "tcp", labels: {} },
      ],
      requirePorts: true,
    },
  ],
])("the form of Marathon 1.4 of %s is kept in that of 1.5", (_, old, kept) => {
  expect(networking(old)).toEqual({ requirePorts: false, ...kept });
});

test("the ports of a container are one that is called default, none, or as many as were asked for", () => {
  const networks = [{ mode: "container", name: "calico-open" }];
  const one = mapping({ containerPort: 0, name: "default" });
  expect(networking({ networks }).container?.portMappings).toEqual([one]);
  expect(networking({ networks, ports: [0, 0] }).container?.portMappings).toEqual([
    one,
    mapping({ containerPort: 0 }),
  ]);
  const none = { type: "MESOS", portMappings: [] };
  expect(networking({ networks, container: none }).container?.portMappings).toEqual([]);
});

test("requirePorts means nothing in a container", () => {
  const networks = [{ mode: "container", name: "calico-open" }];
  expect(networking({ networks, requirePorts: true }).requirePorts).toBe(false);
});

test("shows the form of 1.5 and leaves out what is empty", () => {
  const shown = showDefinition(
    app({
      ipAddress: { networkName: "calico-open" },
      healthChecks: [{ protocol: "MESOS_HTTP", path: "/health" }],
    }),
    "*",
  );
  expect(shown).toEqual({
    id: "/x",
    cmd: "true",
    acceptedResourceRoles: ["*"],
    backoffFactor: 1.15,
    backoffSeconds: 1,
    container: {
      type: "MESOS",
      volumes: [],
      portMappings: [mapping({ containerPort: 0, name: "default" })],
    },
    cpus: 1,
    disk: 0,
    executor: "",
    gpus: 0,
    healthChecks: [
      {
        protocol: "MESOS_HTTP",
        path: "/health",
        portIndex: 0,
        gracePeriodSeconds: 300,
        intervalSeconds: 60,
        timeoutSeconds: 20,
        maxConsecutiveFailures: 3,
        delaySeconds: 15,
        ipProtocol: "IPv4",
      },
    ],
    instances: 1,
    killSelection: "YOUNGEST_FIRST",
    labels: {},
    maxLaunchDelaySeconds: 300,
    mem: 128,
    networks: [{ mode: "container", name: "calico-open" }],
    requirePorts: false,
    role: "*",
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  });
  expect(app({ ...shown })).toEqual(app({ ...app({ ...shown }) }));
});

test("an update in the older form takes the ports of the host with it", () => {
  const old = app({ portDefinitions: [{ port: 10_000 }, { port: 10_001 }] });
  const problems: never[] = [];
  expect(networking(update(old, { ipAddress: { networkName: "n" } }, problems))).toEqual({
    networks: [{ mode: "container", name: "n", labels: {} }],
    container: {
      type: "MESOS",
      volumes: [],
      portMappings: [mapping({ containerPort: 0, name: "default" })],
    },
    requirePorts: false,
  });
  expect(networking(update(old, { instances: 2 }, problems))).toEqual(networking({ ...old }));
  expect(problems).toEqual([]);
});

test("service ports are the lowest that nobody has, and stay with the app that has them", () => {
  const first = assignServicePorts(app({ ports: [0, 0] }), undefined, []);
  expect(servicePortsOf(first)).toEqual([10_000, 10_001]);
  const other = app({
    id: "/y",
    networks: [{ mode: "container", name: "n" }],
    container: {
      type: "MESOS",
      portMappings: [{ containerPort: 80 }, { containerPort: 443, servicePort: 10_003 }],
    },
  });
  const second = assignServicePorts(other, undefined, [first]);
  expect(servicePortsOf(second)).toEqual([10_002, 10_003]);
  const again = assignServicePorts(app({ ports: [0, 0, 0] }), first, [first, second]);
  expect(servicePortsOf(again)).toEqual([10_000, 10_001, 10_004]);
  const named = assignServicePorts(app({ ports: [10_001, 0] }), first, [first, second]);
  expect(servicePortsOf(named)).toEqual([10_001, 10_000]);
});

test("a port that the app requires is not made one of a load balancer", () => {
  const required = app({ ports: [0, 9090], requirePorts: true });
  expect(servicePortsOf(assignServicePorts(required, undefined, []))).toEqual([0, 9090]);
});
