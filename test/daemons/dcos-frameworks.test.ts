import { StandIn } from "../helpers/stand-in";

const cluster = new StandIn({ agentTimeoutSeconds: 3 });

const agents = ["agent-1", "agent-2"] as const;

function startAgent(name: (typeof agents)[number]): void {
  const index = agents.indexOf(name);
  const first = 31_100 + index * 100;
  // Both are on this one machine, and its schedulers listen on all addresses.
  cluster.startAgent(name, {
    address: `127.0.0.${11 + index}`,
    ports: { first, last: first + 99 },
  });
}

beforeAll(async () => {
  await cluster.prepare();
  await cluster.startMaster();
  for (const name of agents) startAgent(name);
  await cluster.eventually("two agents", async () => {
    const { slaves } = await mesos();
    return slaves.length === 2 ? true : JSON.stringify(slaves);
  });
});

afterAll(() => cluster.close(), 60_000);

async function json(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: tests compare whole answers
  const body: any = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, body };
}

async function mesos() {
  return (await json(`${cluster.mesosUrl}/master/state`)).body;
}

async function framework(name: string) {
  const { frameworks } = await mesos();
  return frameworks.find((one: { name: string }) => one.name === name);
}

function userApp(on: string) {
  const { mesosUrl } = cluster;
  const zk = mesosUrl.replace("http://", "zk://");
  const program = cluster.program("marathon-user");
  const flags = `--framework_name marathon-user --master ${zk}/mesos --zk ${zk}/universe/marathon-user`;
  return {
    id: "/marathon-user",
    cmd: `exec ${process.execPath} ${program} ${flags}`,
    cpus: 0.5,
    mem: 512,
    constraints: [["hostname", "LIKE", on]],
    portDefinitions: [
      { port: 0, name: "api" },
      { port: 0, name: "libprocess" },
    ],
    healthChecks: [{ protocol: "HTTP", path: "/ping", portIndex: 0, intervalSeconds: 1 }],
    labels: { DCOS_PACKAGE_FRAMEWORK_NAME: "marathon-user" },
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  };
}

/** Base URL of marathon-user, once its task is healthy. */
async function userUrl(): Promise<string> {
  let url = "";
  await cluster.eventually("a healthy marathon-user", async () => {
    const { app } = (await cluster.call("GET", "/v2/apps//marathon-user?embed=app.tasks")).body;
    if (app.tasksHealthy !== 1 || app.tasks.length !== 1) return JSON.stringify(app);
    url = `http://${app.tasks[0].host}:${app.tasks[0].ports[0]}`;
    return true;
  });
  return url;
}

async function put(url: string, app: { readonly id: string }): Promise<void> {
  const init = { method: "PUT", body: JSON.stringify(app) };
  const { status } = await json(`${url}/v2/apps/${app.id}?force=true`, init);
  expect([200, 201]).toContain(status);
  await cluster.eventually("the end of its deployments", async () => {
    const { body } = await json(`${url}/v2/deployments`);
    return body.length === 0 ? true : JSON.stringify(body);
  });
}

async function tasksOf(url: string, id: string) {
  return (await json(`${url}/v2/apps/${id}/tasks`)).body.tasks;
}

const nginx = {
  id: "/nginx",
  cmd: "exec sleep 1000",
  cpus: 0.1,
  mem: 32,
  instances: 2,
  constraints: [["hostname", "UNIQUE"]],
  portDefinitions: [{ port: 0, name: "http" }],
  labels: { tier: "web" },
};

test("a second Marathon is an app of the first and a framework of its own", async () => {
  await cluster.call("PUT", "/v2/apps//marathon-user", userApp("127.0.0.11"));
  await cluster.deploymentsEnd();
  const url = await userUrl();
  await put(url, nginx);
  const { apps } = (await cluster.call("GET", "/v2/apps")).body;
  expect(apps.map((app: { id: string }) => app.id)).toEqual(["/marathon-user"]);
  const root = await framework("marathon");
  const user = await framework("marathon-user");
  expect(root.tasks.map((task: { name: string }) => task.name)).toEqual(["marathon-user"]);
  expect(user).toMatchObject({ active: true, connected: true, hostname: "127.0.0.11" });
  expect(user.pid).toBe(`scheduler-${user.id}@127.0.0.11:31101`);
  expect((await json(`${url}/v2/info`)).body).toMatchObject({
    frameworkId: user.id,
    marathon_config: { framework_name: "marathon-user" },
  });
  expect(user.tasks).toHaveLength(2);
  const task = user.tasks.find((one: { slave_id: string }) => one.slave_id === "agent-1-S0");
  // Root Marathon's task has the first two ports of this agent.
  expect(task).toMatchObject({
    name: "nginx",
    state: "TASK_RUNNING",
    labels: [{ key: "tier", value: "web" }],
    resources: { cpus: 0.1, mem: 32, ports: "[31102-31102]" },
    discovery: {
      name: "nginx",
      ports: { ports: [{ number: 31_102, protocol: "tcp", name: "http" }] },
    },
  });
});

test("its tasks run on while it is started again, on another agent too", async () => {
  const before = await tasksOf(await userUrl(), "/nginx");
  const { id } = await framework("marathon-user");
  await cluster.call("PUT", "/v2/apps//marathon-user?force=true", userApp("127.0.0.12"));
  await cluster.deploymentsEnd();
  const url = await userUrl();
  // Its own app has the first port of this agent.
  expect(url).toBe("http://127.0.0.12:31201");
  expect(await tasksOf(url, "/nginx")).toEqual(before);
  expect((await framework("marathon-user")).id).toBe(id);
});

test("its tasks and its place outlive a restart of the master", async () => {
  const url = await userUrl();
  const before = await tasksOf(url, "/nginx");
  await cluster.stop("master");
  await cluster.startMaster();
  await cluster.eventually("the framework", async () => {
    const user = await framework("marathon-user");
    const running = user.tasks.filter((one: { state: string }) => one.state === "TASK_RUNNING");
    return (user.connected && running.length === 2) || JSON.stringify(user);
  });
  expect(await tasksOf(await userUrl(), "/nginx")).toEqual(before);
});

test("loses the tasks of a lost agent and starts them when it is back", async () => {
  const url = await userUrl();
  await cluster.stop("agent-1");
  await cluster.eventually("the loss", async () => {
    const { app } = (await json(`${url}/v2/apps//nginx?embed=app.lastTaskFailure`)).body;
    return app.lastTaskFailure?.state === "TASK_LOST" || JSON.stringify(app);
  });
  const { app } = (await json(`${url}/v2/apps//nginx?embed=app.lastTaskFailure`)).body;
  expect(app.lastTaskFailure.message).toBe("agent agent-1 was lost: it does not report any more");
  startAgent("agent-1");
  await cluster.eventually("two tasks", async () => {
    const tasks = await tasksOf(url, "/nginx");
    const hosts = tasks
      .filter((one: { state: string }) => one.state === "TASK_RUNNING")
      .map((one: { host: string }) => one.host);
    return hosts.length === 2 || JSON.stringify(tasks);
  });
});

test("a framework that is torn down loses its tasks and comes back as a new one", async () => {
  const before = await framework("marathon-user");
  const teardown = `frameworkId=${before.id}`;
  const url = `${cluster.mesosUrl}/master/teardown`;
  expect((await fetch(url, { method: "POST", body: teardown })).status).toBe(200);
  await cluster.eventually("the new framework", async () => {
    const after = await framework("marathon-user");
    const running = after?.tasks.filter((one: { state: string }) => one.state === "TASK_RUNNING");
    return running?.length === 2 || JSON.stringify(after ?? null);
  });
  const after = await framework("marathon-user");
  expect(after.id).not.toBe(before.id);
  const idsOf = (one: { tasks: { id: string }[] }) => one.tasks.map(({ id }) => id);
  expect(idsOf(after).filter((id) => idsOf(before).includes(id))).toEqual([]);
  expect((await fetch(url, { method: "POST", body: teardown })).status).toBe(400);
});

test("an app and then its framework deleted leave nothing", async () => {
  const { id } = await framework("marathon-user");
  await cluster.call("DELETE", "/v2/apps//marathon-user?force=true");
  await cluster.deploymentsEnd();
  await fetch(`${cluster.mesosUrl}/master/teardown`, {
    method: "POST",
    body: `frameworkId=${id}`,
  });
  await cluster.eventually("no task", async () => {
    const { frameworks, orphan_tasks } = await mesos();
    const names = frameworks.map((one: { name: string }) => one.name);
    return (names.join() === "marathon" && orphan_tasks.length === 0) || names.join();
  });
});
