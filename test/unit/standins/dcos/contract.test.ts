import { User } from "../../../helpers/cosmos-user";
import { StandIn } from "../../../helpers/stand-in";

/**
 * The fields that DC/OS' published API descriptions promise, written down from them and not from the stand-in: Marathon
 * 1.11 (RAML), Mesos 1.11 (operator API), Cosmos 0.6 (JSON schemas of its messages). A stand-in and a client that only
 * agree with each other would pass all other tests.
 */
const cluster = new StandIn({}, {});
const user = new User(cluster);

/** The kind of each field; `?` after a name where it may be missing. */
type Shape = { readonly [name: string]: Kind };
type Kind =
  | "string"
  | "number"
  | "boolean"
  | "object"
  | "array"
  | "texts"
  | Shape
  | readonly [Kind];

/** What is not as promised, by path. */
function differences(value: unknown, kind: Kind, path = ""): readonly string[] {
  if (Array.isArray(kind)) {
    if (!Array.isArray(value)) return [`${path}: not a list`];
    return value.flatMap((one, i) => differences(one, kind[0], `${path}[${i}]`));
  }
  if (kind === "array") return Array.isArray(value) ? [] : [`${path}: not a list`];
  if (kind === "texts") {
    const values = value === null || typeof value !== "object" ? [1] : Object.values(value);
    return values.every((one) => typeof one === "string") ? [] : [`${path}: not only texts`];
  }
  const record = typeof value === "object" && value !== null && !Array.isArray(value);
  if (kind === "object") return record ? [] : [`${path}: not an object`];
  if (typeof kind === "string") {
    return typeof value === kind ? [] : [`${path}: ${typeof value}, not ${kind}`];
  }
  if (!record) return [`${path}: not an object`];
  const fields = new Map(Object.entries(value));
  return Object.entries(kind).flatMap(([name, one]) => {
    const field = name.replace(/\?$/, "");
    if (fields.has(field)) return differences(fields.get(field), one, `${path}/${field}`);
    return name.endsWith("?") ? [] : [`${path}/${field}: missing`];
  });
}

const task: Shape = {
  appId: "string",
  healthCheckResults: "array",
  host: "string",
  id: "string",
  ipAddresses: [{ ipAddress: "string", protocol: "string" }],
  ports: "array",
  servicePorts: "array",
  slaveId: "string",
  stagedAt: "string",
  startedAt: "string",
  state: "string",
  version: "string",
  localVolumes: "array",
};

const app: Shape = {
  id: "string",
  "cmd?": "string",
  "args?": "array",
  backoffFactor: "number",
  backoffSeconds: "number",
  "constraints?": "array",
  cpus: "number",
  disk: "number",
  "env?": "object",
  gpus: "number",
  "healthChecks?": "array",
  instances: "number",
  killSelection: "string",
  labels: "texts",
  maxLaunchDelaySeconds: "number",
  mem: "number",
  networks: [{ mode: "string" }],
  portDefinitions: [{ port: "number", protocol: "string" }],
  requirePorts: "boolean",
  upgradeStrategy: { maximumOverCapacity: "number", minimumHealthCapacity: "number" },
  version: "string",
  versionInfo: { lastConfigChangeAt: "string", lastScalingAt: "string" },
  unreachableStrategy: "object",
  tasksStaged: "number",
  tasksRunning: "number",
  tasksHealthy: "number",
  tasksUnhealthy: "number",
  deployments: [{ id: "string" }],
};

const mesosTask: Shape = {
  id: "string",
  name: "string",
  framework_id: "string",
  slave_id: "string",
  state: "string",
  resources: { cpus: "number", mem: "number", disk: "number", gpus: "number", "ports?": "string" },
  labels: [{ key: "string", value: "string" }],
  discovery: {
    visibility: "string",
    name: "string",
    ports: { ports: [{ number: "number", protocol: "string", "name?": "string" }] },
  },
  statuses: [
    {
      state: "string",
      timestamp: "number",
      container_status: {
        container_id: { value: "string" },
        network_infos: [{ ip_addresses: [{ ip_address: "string" }] }],
      },
    },
  ],
};

const mesosState: Shape = {
  version: "string",
  leader: "string",
  pid: "string",
  hostname: "string",
  cluster: "string",
  activated_slaves: "number",
  slaves: [
    {
      id: "string",
      hostname: "string",
      pid: "string",
      active: "boolean",
      attributes: "object",
      resources: { cpus: "number", mem: "number", ports: "string" },
      used_resources: { cpus: "number", mem: "number" },
    },
  ],
  frameworks: [
    {
      id: "string",
      name: "string",
      pid: "string",
      hostname: "string",
      webui_url: "string",
      active: "boolean",
      connected: "boolean",
      role: "string",
      failover_timeout: "number",
      registered_time: "number",
      tasks: [mesosTask],
      completed_tasks: "array",
    },
  ],
  orphan_tasks: "array",
};

const definition: Shape = {
  packagingVersion: "string",
  name: "string",
  version: "string",
  releaseVersion: "number",
  maintainer: "string",
  description: "string",
  tags: "array",
  config: "object",
  resource: "object",
  marathon: { v2AppMustacheTemplate: "string" },
};

beforeAll(async () => {
  await cluster.prepare();
  await cluster.startMaster();
  cluster.startAgent("agent-1", { address: "127.0.0.71", ports: { first: 31_800, last: 31_899 } });
  const web = {
    id: "/web",
    cmd: "exec sleep 1000",
    cpus: 0.1,
    mem: 32,
    labels: { tier: "web" },
    portDefinitions: [{ port: 0, name: "http" }],
  };
  await cluster.call("PUT", "/v2/apps//web", web);
  await cluster.deploymentsEnd();
}, 30_000);

afterAll(() => cluster.close(), 60_000);

test.each<[path: string, shape: Kind]>([
  ["/marathon/v2/apps//web?embed=app.tasks", { app: { ...app, tasks: [task] } }],
  ["/marathon/v2/apps?embed=apps.tasks", { apps: [{ ...app, tasks: [task] }] }],
  ["/marathon/v2/tasks", { tasks: [task] }],
  ["/marathon/v2/apps//web/tasks", { tasks: [task] }],
  [
    "/marathon/v2/info",
    {
      name: "string",
      version: "string",
      buildref: "string",
      elected: "boolean",
      leader: "string",
      frameworkId: "string",
      marathon_config: "object",
      http_config: "object",
    },
  ],
  ["/marathon/v2/leader", { leader: "string" }],
  ["/mesos/master/state", mesosState],
  ["/mesos/state", mesosState],
  ["/mesos/version", { version: "string" }],
  [
    "/mesos_dns/v1/enumerate",
    {
      frameworks: [
        {
          name: "string",
          tasks: [
            {
              id: "string",
              name: "string",
              records: [{ name: "string", host: "string", rtype: "string" }],
            },
          ],
        },
      ],
    },
  ],
  ["/dcos-metadata/dcos-version.json", { version: "string", "dcos-variant": "string" }],
  [
    "/system/health/v1/units",
    { units: [{ id: "string", name: "string", health: "number", description: "string" }] },
  ],
])("GET %s has the fields that are promised", async (path, shape) => {
  const { status, body } = await user.send("GET", path);
  expect(status).toBe(200);
  expect(differences(body, shape)).toEqual([]);
});

test("a deployment that waits, and the queue it waits in, have theirs", async () => {
  const stuck = { id: "/stuck", cmd: "true", cpus: 100, mem: 1 };
  const { status, headers, body } = await user.json("POST", "/marathon/v2/apps", stuck);
  expect(status).toBe(201);
  expect(headers.get("location")).toBe("/v2/apps//stuck");
  expect(headers.get("marathon-deployment-id")).toBe(body.deployments[0].id);
  expect(differences(body, { ...app, deployments: [{ id: "string" }] })).toEqual([]);
  const deployments = (await user.send("GET", "/marathon/v2/deployments")).body;
  expect(deployments).toHaveLength(1);
  const action: Shape = { action: "string", app: "string" };
  expect(
    differences(deployments, [
      {
        id: "string",
        version: "string",
        affectedApps: "array",
        affectedPods: "array",
        steps: [{ actions: [action] }],
        currentActions: [{ ...action, readinessCheckResults: "array" }],
        currentStep: "number",
        totalSteps: "number",
      },
    ]),
  ).toEqual([]);
  const { queue } = (await user.send("GET", "/marathon/v2/queue?embed=lastUnusedOffers")).body;
  expect(queue).toHaveLength(1);
  expect(
    differences(queue, [
      {
        app: { id: "string" },
        count: "number",
        since: "string",
        role: "string",
        delay: { timeLeftSeconds: "number", overdue: "boolean" },
        processedOffersSummary: {
          processedOffersCount: "number",
          unusedOffersCount: "number",
          rejectSummaryLastOffers: [{ reason: "string", declined: "number", processed: "number" }],
        },
      },
    ]),
  ).toEqual([]);
  const locked = await user.json("PUT", "/marathon/v2/apps//stuck", { ...stuck, cpus: 99 });
  expect(locked.status).toBe(409);
  expect(differences(locked.body, { message: "string", deployments: [{ id: "string" }] })).toEqual(
    [],
  );
  const exists = await user.json("POST", "/marathon/v2/apps", stuck);
  expect([exists.status, exists.body]).toEqual([
    409,
    { message: "An app with id [/stuck] already exists." },
  ]);
  const removed = await user.json("DELETE", "/marathon/v2/apps//stuck");
  expect(differences(removed.body, { version: "string", deploymentId: "string" })).toEqual([]);
});

test.each<[path: string, body: unknown, version: number, shape: Shape]>([
  ["/package/describe", { packageName: "etcd" }, 3, { package: definition }],
  ["/package/describe", { packageName: "marathon" }, 2, definition],
  [
    "/package/list-versions",
    { packageName: "marathon", includePackageVersions: true },
    1,
    { results: "texts" },
  ],
  [
    "/package/search",
    { query: "" },
    1,
    {
      packages: [
        {
          name: "string",
          currentVersion: "string",
          versions: "texts",
          description: "string",
          framework: "boolean",
          tags: "array",
        },
      ],
    },
  ],
  [
    "/package/render",
    { packageName: "marathon" },
    1,
    { marathonJson: { id: "string", labels: "texts" } },
  ],
  ["/package/list", {}, 1, { packages: "array" }],
  ["/package/repository/list", {}, 1, { repositories: [{ name: "string", uri: "string" }] }],
])("POST %s of %j has the fields that are promised", async (path, body, version, shape) => {
  const answer = await user.cosmos(path, body, version);
  expect(answer.status).toBe(200);
  expect(differences(answer.body, shape)).toEqual([]);
});

test("what Cosmos can do is listed", async () => {
  const kind = "application/vnd.dcos.capabilities+json;charset=utf-8;version=v1";
  const answer = await user.send("GET", "/capabilities", { headers: { Accept: kind } });
  expect([answer.status, answer.type]).toEqual([200, kind]);
  expect(differences(answer.body, { capabilities: [{ name: "string" }] })).toEqual([]);
});
