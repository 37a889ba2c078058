import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StandIn } from "../helpers/stand-in";

const cluster = new StandIn({ agentTimeoutSeconds: 3 });

const agents = ["agent-1", "agent-2", "agent-3", "agent-4"] as const;
type Agent = (typeof agents)[number];

function addressOf(name: Agent): string {
  return `127.0.0.${31 + agents.indexOf(name)}`;
}

function startAgent(name: Agent): void {
  const first = 31_300 + agents.indexOf(name) * 50;
  cluster.startAgent(name, { address: addressOf(name), ports: { first, last: first + 49 } });
}

beforeAll(async () => {
  await cluster.prepare();
  await cluster.startMaster();
  for (const name of agents) startAgent(name);
  await cluster.eventually("the agents", async () => {
    const { slaves } = await mesos();
    return slaves.length === agents.length ? true : JSON.stringify(slaves);
  });
});

afterAll(() => cluster.close(), 60_000);

async function json(url: string, body?: unknown) {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: tests compare whole answers
  const value: any = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, body: value };
}

async function mesos() {
  return (await json(`${cluster.mesosUrl}/master/state`)).body;
}

/** The scheduler's app; on the agent that has the highest address, which no member goes to at first. */
function scheduler(env: Readonly<Record<string, string>> = {}) {
  const zookeeper = cluster.mesosUrl.replace("http://", "zk://");
  return {
    id: "/etcd",
    cmd: `exec ${process.execPath} ${cluster.program("etcd-scheduler")} --zookeeper ${zookeeper}`,
    cpus: 0.5,
    mem: 256,
    constraints: [["hostname", "CLUSTER", addressOf("agent-4")]],
    portDefinitions: [{ port: 0, name: "api" }],
    healthChecks: [{ protocol: "MESOS_HTTP", path: "/v1/health", intervalSeconds: 1 }],
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    env: {
      FRAMEWORK_NAME: "etcd",
      NODE_COUNT: "3",
      NODE_PLACEMENT: '[["hostname", "UNIQUE"]]',
      NODE_CPUS: "0.5",
      NODE_MEM: "128",
      DEPLOY_STRATEGY: "parallel",
      UPDATE_STRATEGY: "serial",
      PORT_CLIENT: "23790",
      PORT_PEER: "23800",
      TLS_ENABLED: "false",
      INITIAL_CLUSTER_TOKEN: "dcos",
      HEARTBEAT_INTERVAL: "100",
      ELECTION_TIMEOUT: "1000",
      SNAPSHOT_COUNT: "100000",
      ...env,
    },
  };
}

async function deploy(app: ReturnType<typeof scheduler>): Promise<void> {
  await cluster.call("PUT", `/v2/apps/${app.id}?force=true&partialUpdate=false`, app);
  await cluster.deploymentsEnd();
}

async function api(path: string) {
  const [task] = (await cluster.call("GET", "/v2/apps//etcd/tasks")).body.tasks;
  return json(`http://127.0.0.1:${task.ports[0]}/v1/${path}`);
}

async function complete(plan: string): Promise<void> {
  await cluster.eventually(`plan ${plan}`, async () => {
    const { status, body } = await api(`plans/${plan}`);
    return (status === 200 && body.status === "COMPLETE") || JSON.stringify(body);
  });
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

async function set(agent: Agent, key: string, value: string) {
  const url = `http://${addressOf(agent)}:23790/v3/kv/put`;
  return (await json(url, { key: base64(key), value: base64(value) })).status;
}

async function get(agent: Agent, key: string): Promise<string> {
  const url = `http://${addressOf(agent)}:23790/v3/kv/range`;
  const { kvs } = (await json(url, { key: base64(key) })).body;
  return Buffer.from(kvs[0].value, "base64").toString();
}

async function members(agent: Agent): Promise<string[]> {
  const url = `http://${addressOf(agent)}:23790/v3/cluster/member/list`;
  const { members: list } = (await json(url, {})).body;
  return list
    .map((one: { name: string; peerURLs: string[] }) => `${one.name} ${one.peerURLs}`)
    .sort();
}

async function tasks() {
  const { frameworks } = await mesos();
  const etcd = frameworks.find((one: { name: string }) => one.name === "etcd");
  return etcd.tasks
    .filter((one: { state: string }) => one.state === "TASK_RUNNING")
    .map((one: { name: string; slave_id: string }) => `${one.name} ${one.slave_id}`)
    .sort();
}

test("three members form a cluster that keeps what it is told", async () => {
  await deploy(scheduler());
  await complete("deploy");
  expect(await tasks()).toEqual([
    "etcd-0-node agent-1-S0",
    "etcd-1-node agent-2-S0",
    "etcd-2-node agent-3-S0",
  ]);
  expect(await members("agent-1")).toEqual([
    "etcd-0-node http://127.0.0.31:23800",
    "etcd-1-node http://127.0.0.32:23800",
    "etcd-2-node http://127.0.0.33:23800",
  ]);
  expect((await api("endpoints/api")).body).toEqual({
    address: ["127.0.0.31:23790", "127.0.0.32:23790", "127.0.0.33:23790"],
    dns: [0, 1, 2].map((i) => `etcd-${i}-node.etcd.autoip.dcos.thisdcos.directory:23790`),
    vip: "api.etcd.l4lb.thisdcos.directory:23790",
  });
  expect(await set("agent-1", "greeting", "hello")).toBe(200);
  expect(await get("agent-3", "greeting")).toBe("hello");
});

test("a member that dies is started again with its data, and other settings come one by one", async () => {
  const before = await tasks();
  await deploy(scheduler({ HEARTBEAT_INTERVAL: "150" }));
  await complete("deploy");
  await cluster.eventually("the new settings", async () => {
    const { frameworks } = await mesos();
    const etcd = frameworks.find((one: { name: string }) => one.name === "etcd");
    const states = etcd.tasks.map((one: { state: string }) => one.state).join();
    const plan = (await api("plans/recovery")).body;
    const done = states === "TASK_RUNNING,TASK_RUNNING,TASK_RUNNING" && plan.status === "COMPLETE";
    return done || `${states} ${JSON.stringify(plan)}`;
  });
  expect(await tasks()).toEqual(before);
  expect(await get("agent-2", "greeting")).toBe("hello");
});

test("a member whose agent is lost is replaced elsewhere, and the cluster serves meanwhile", async () => {
  await cluster.stop("agent-2");
  await cluster.eventually("the replacement", async () => {
    expect(await set("agent-1", "during", "the loss")).toBe(200);
    const seen = await tasks();
    return seen.includes("etcd-1-node agent-4-S0") || seen.join();
  });
  await complete("recovery");
  expect(await members("agent-1")).toEqual([
    "etcd-0-node http://127.0.0.31:23800",
    "etcd-1-node http://127.0.0.34:23800",
    "etcd-2-node http://127.0.0.33:23800",
  ]);
  expect(await get("agent-4", "greeting")).toBe("hello");
  startAgent("agent-2");
  await cluster.eventually("the end of the old member", async () => {
    const old = await json("http://127.0.0.32:23790/health").catch(() => undefined);
    return old === undefined || JSON.stringify(old.body);
  });
});

/** Ends an agent and everything that runs on it, as the loss of its machine does. */
async function crash(name: Agent): Promise<void> {
  await cluster.stop(name);
  const dir = join(cluster.dir, name, "tasks");
  for (const file of readdirSync(dir)) {
    const { process: found } = JSON.parse(readFileSync(join(dir, file), "utf8"));
    if (found !== undefined) process.kill(-found.pid, "SIGKILL");
  }
}

test("without a majority nothing is replaced, and with its return all is as before", async () => {
  await crash("agent-1");
  await crash("agent-3");
  const message = "quorum lost: 2 of 3 members are needed, healthy: none";
  await cluster.eventually("the loss of the quorum", async () => {
    const { status, body } = await api("plans/recovery");
    const steps = body.phases[0]?.steps.map((one: { status: string }) => one.status).join();
    const found = status === 417 && body.status === "ERROR" && body.errors.join() === message;
    // The member that is left does not serve either.
    return (found && steps === "LOST,STARTED,LOST") || JSON.stringify(body);
  });
  expect(await set("agent-4", "after", "the loss").catch(() => 503)).not.toBe(200);
  startAgent("agent-1");
  startAgent("agent-3");
  await complete("recovery");
  expect(await members("agent-3")).toEqual([
    "etcd-0-node http://127.0.0.31:23800",
    "etcd-1-node http://127.0.0.34:23800",
    "etcd-2-node http://127.0.0.33:23800",
  ]);
  expect(await get("agent-1", "during")).toBe("the loss");
});

test("told to uninstall it ends the members and its framework", async () => {
  await deploy(scheduler({ SDK_UNINSTALL: "true" }));
  await complete("deploy");
  const { frameworks, orphan_tasks } = await mesos();
  expect(frameworks.map((one: { name: string }) => one.name)).toEqual(["marathon"]);
  expect(orphan_tasks).toEqual([]);
});
