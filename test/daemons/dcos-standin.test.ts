import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exec } from "../../util/exec";
import { StandIn } from "../helpers/stand-in";

const cluster = new StandIn();

beforeAll(async () => {
  await cluster.prepare();
  await cluster.startMaster();
  cluster.startAgent("agent-1", { address: "127.0.0.11" });
  cluster.startAgent("agent-2", { address: "127.0.0.12" });
  cluster.startAgent("public-1", { address: "127.0.0.13", role: "public" });
  await cluster.eventually("three agents", async () => {
    const response = await fetch(`${cluster.mesosUrl}/slaves`);
    const text = await response.text();
    return JSON.parse(text).slaves.length === 3 ? true : text;
  });
});

afterAll(() => cluster.close(), 60_000);

const sleeper = { cmd: "exec sleep 1000", cpus: 0.1, mem: 32 };

async function tasks(id: string) {
  return (await cluster.call("GET", `/v2/apps/${id}?embed=app.tasks`)).body.app.tasks;
}

/** The number of a task's process, from the record of its agent. */
function pidOf(agent: string): number {
  const dir = join(cluster.dir, agent, "tasks");
  const pids = readdirSync(dir).map(
    (name) => JSON.parse(readFileSync(join(dir, name), "utf8")).process.pid,
  );
  expect(pids).toHaveLength(1);
  return pids[0];
}

test("says what it is", async () => {
  expect((await cluster.call("GET", "/ping")).body).toBe("pong");
  const { body } = await cluster.call("GET", "/v2/info");
  expect(body).toMatchObject({ name: "marathon", version: "1.11.0", buildref: "stand-in" });
  expect((await cluster.call("GET", "/v2/nothing")).status).toBe(500);
});

test("runs an app on every agent whose role is accepted, with its environment", async () => {
  const app = {
    ...sleeper,
    id: "/env",
    instances: 3,
    cmd: "env > environment; exec sleep 1000",
    constraints: [["hostname", "UNIQUE"]],
    acceptedResourceRoles: ["*", "slave_public"],
  };
  const { status, body } = await cluster.call("PUT", "/v2/apps//env", app);
  expect(status).toBe(201);
  expect(Object.keys(body).sort()).toEqual(["deploymentId", "version"]);
  await cluster.deploymentsEnd();
  const running = await tasks("/env");
  expect(running.map((task: { host: string }) => task.host).sort()).toEqual([
    "127.0.0.11",
    "127.0.0.12",
    "127.0.0.13",
  ]);
  const [task] = running;
  expect(task).toMatchObject({
    state: "TASK_RUNNING",
    ipAddresses: [{ ipAddress: task.host, protocol: "IPv4" }],
    ports: [31000],
  });
  const agent =
    { "127.0.0.11": "agent-1", "127.0.0.12": "agent-2" }[String(task.host)] ?? "public-1";
  const file = join(cluster.dir, agent, "sandboxes", task.id, "environment");
  await cluster.eventually("the environment", async () => existsSync(file) || "no file");
  const text = readFileSync(file, "utf8");
  expect(text).toContain(`HOST=${task.host}\n`);
  expect(text).toContain("PORT0=31000\n");
  expect(text).toContain("MARATHON_APP_ID=/env\n");
  expect(text).toContain(`MESOS_TASK_ID=${task.id}\n`);
  expect(text).toContain(`MESOS_CONTAINER_IP=${task.host}\n`);
  expect((await cluster.call("DELETE", "/v2/apps//env")).status).toBe(200);
  await cluster.deploymentsEnd();
  expect((await cluster.call("GET", "/v2/apps//env")).status).toBe(404);
});

test("an app that nobody takes stalls, is locked, and is told apart in the queue", async () => {
  const app = { ...sleeper, id: "/stall", instances: 3, constraints: [["hostname", "UNIQUE"]] };
  const { body } = await cluster.call("POST", "/v2/apps", app);
  await cluster.eventually("two of three", async () => {
    const { tasksRunning } = (await cluster.call("GET", "/v2/apps//stall")).body.app;
    return tasksRunning === 2 || String(tasksRunning);
  });
  const locked = await cluster.call("PUT", "/v2/apps//stall", { ...app, instances: 1 });
  expect(locked.status).toBe(409);
  expect(locked.body.deployments).toEqual(body.deployments);
  const { queue } = (await cluster.call("GET", "/v2/queue")).body;
  expect(queue).toHaveLength(1);
  expect(queue[0]).toMatchObject({ count: 1, app: { id: "/stall" } });
  expect(queue[0].processedOffersSummary.rejectSummaryLastOffers).toEqual([
    { reason: "UnfulfilledRole", declined: 1, processed: 3 },
    { reason: "UnfulfilledConstraint", declined: 2, processed: 2 },
    { reason: "InsufficientCpus", declined: 0, processed: 0 },
    { reason: "InsufficientMemory", declined: 0, processed: 0 },
    { reason: "InsufficientPorts", declined: 0, processed: 0 },
  ]);
  const forced = await cluster.call("PUT", "/v2/apps//stall?force=true", { ...app, instances: 1 });
  expect(forced.status).toBe(200);
  await cluster.deploymentsEnd();
  expect(await tasks("/stall")).toHaveLength(1);
  await cluster.call("DELETE", "/v2/apps//stall");
  await cluster.deploymentsEnd();
});

test("a task that ends is started again, and the reason is kept", async () => {
  const cmd = "echo no good >&2; exit 3";
  await cluster.call("PUT", "/v2/apps//fails", { ...sleeper, id: "/fails", cmd });
  await cluster.eventually("a failure", async () => {
    const { app } = (await cluster.call("GET", "/v2/apps//fails?embed=app.lastTaskFailure")).body;
    const message = app.lastTaskFailure?.message;
    return message === "exited with code 3: no good" || JSON.stringify(app.lastTaskFailure ?? null);
  });
  await cluster.call("DELETE", "/v2/apps//fails");
  await cluster.deploymentsEnd();
});

test("tasks outlive a restart of the agent and of the master", async () => {
  const id = "/stays";
  const constraints = [["hostname", "CLUSTER", "127.0.0.11"]];
  await cluster.call("PUT", `/v2/apps/${id}`, { ...sleeper, id, constraints });
  await cluster.deploymentsEnd();
  const [before] = await tasks(id);
  const pid = pidOf("agent-1");
  await cluster.stop("agent-1");
  await cluster.stop("master");
  await cluster.startMaster();
  cluster.startAgent("agent-1", { address: "127.0.0.11" });
  await cluster.eventually("the agents", async () => {
    const text = await (await fetch(`${cluster.mesosUrl}/slaves`)).text();
    return JSON.parse(text).slaves.length === 3 || text;
  });
  expect(await tasks(id)).toEqual([before]);
  expect(pidOf("agent-1")).toBe(pid);
  process.kill(pid, "SIGKILL");
  await cluster.eventually("another task", async () => {
    const [task] = await tasks(id);
    return (
      (task?.state === "TASK_RUNNING" && task.id !== before.id) || JSON.stringify(task ?? null)
    );
  });
  await cluster.call("DELETE", `/v2/apps/${id}`);
  await cluster.deploymentsEnd();
});

test("a task on a container network runs in a namespace of its own, and gives it back", async () => {
  const calls = join(cluster.dir, "calls");
  const plugin = join(cluster.dir, "plugins", "recorder");
  mkdirSync(join(cluster.dir, "plugins"));
  writeFileSync(
    plugin,
    `#!/bin/sh\nprintf '%s %s %s %s ' "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_NETNS" "$CNI_IFNAME" >> ${calls}\ncat >> ${calls}\necho >> ${calls}\n[ "$CNI_COMMAND" = DEL ] || echo '{"cniVersion":"0.1.0","ip4":{"ip":"198.51.100.7/32"}}'\n`,
  );
  chmodSync(plugin, 0o755);
  const conf = { cniVersion: "0.1.0", name: "calico-open", type: "recorder" };
  writeFileSync(join(cluster.dir, "cni", "10-open.conf"), JSON.stringify(conf));
  const id = "/inside";
  const networks = [{ mode: "container", name: "calico-open", labels: { tier: "web" } }];
  const healthChecks = [{ protocol: "MESOS_TCP", port: 8080, intervalSeconds: 1 }];
  const script =
    "require('http').createServer((q,s)=>s.end(process.env.MESOS_CONTAINER_IP)).listen(8080)";
  const args = [process.execPath, "-e", script];
  const { status } = await cluster.call("PUT", `/v2/apps/${id}`, {
    id,
    args,
    cpus: 0.1,
    mem: 32,
    networks,
    healthChecks,
  });
  expect(status).toBe(201);
  await cluster.deploymentsEnd();
  const [task] = await tasks(id);
  expect(task.ipAddresses).toEqual([{ ipAddress: "198.51.100.7", protocol: "IPv4" }]);
  expect(task.healthCheckResults).toHaveLength(1);
  const container = task.id.slice("inside.instance-".length, -"._app.1".length);
  const get = ["curl", "-sS", "http://127.0.0.1:8080/"];
  const reply = await exec(["ip", "netns", "exec", container, ...get]);
  expect(reply.stdout).toBe("198.51.100.7");
  await cluster.call("DELETE", `/v2/apps/${id}`);
  await cluster.deploymentsEnd();
  const input = JSON.stringify({
    ...conf,
    args: {
      "org.apache.mesos": {
        network_info: {
          name: "calico-open",
          labels: { labels: [{ key: "tier", value: "web" }] },
        },
      },
    },
  });
  const line = (command: string) =>
    `${command} ${container} /var/run/netns/${container} eth0 ${input}\n`;
  expect(readFileSync(calls, "utf8")).toBe(line("ADD") + line("DEL"));
  expect((await exec(["ip", "netns", "list"])).stdout).not.toContain(container);
});

test("after a restart of the host a lost task's network is given back and another task is started", async () => {
  const calls = join(cluster.dir, "calls");
  writeFileSync(calls, "");
  const id = "/reboot";
  const networks = [{ mode: "container", name: "calico-open" }];
  const constraints = [["hostname", "CLUSTER", "127.0.0.12"]];
  await cluster.call("PUT", `/v2/apps/${id}`, { ...sleeper, id, networks, constraints });
  await cluster.deploymentsEnd();
  const [before] = await tasks(id);
  const containerOf = (task: string) => task.slice("reboot.instance-".length, -"._app.1".length);
  const pid = pidOf("agent-2");
  await cluster.stop("agent-2");
  process.kill(pid, "SIGKILL");
  await exec(["ip", "netns", "delete", containerOf(before.id)]);
  cluster.startAgent("agent-2", { address: "127.0.0.12" });
  let after = before;
  await cluster.eventually("another task", async () => {
    [after] = await tasks(id);
    if (after?.state !== "TASK_RUNNING") return JSON.stringify(after ?? null);
    return after.id !== before.id || "the task of before";
  });
  await cluster.call("DELETE", `/v2/apps/${id}`);
  await cluster.deploymentsEnd();
  const made = readFileSync(calls, "utf8")
    .split("\n")
    .map((line) => line.split(" ").slice(0, 2).join(" "));
  const [first, second] = [containerOf(before.id), containerOf(after.id)];
  expect(made.filter((line) => line.endsWith(first))).toEqual([`ADD ${first}`, `DEL ${first}`]);
  expect(made.filter((line) => line.endsWith(second))).toEqual([`ADD ${second}`, `DEL ${second}`]);
});

test("an unknown network is a failure that names the known ones", async () => {
  const id = "/nowhere";
  const networks = [{ mode: "container", name: "other" }];
  await cluster.call("PUT", `/v2/apps/${id}`, { ...sleeper, id, networks });
  await cluster.eventually("a failure", async () => {
    const { app } = (await cluster.call("GET", `/v2/apps/${id}?embed=app.lastTaskFailure`)).body;
    const { message = "" } = app.lastTaskFailure ?? {};
    return message.startsWith("unknown CNI network 'other'; networks in ") || message;
  });
  await cluster.call("DELETE", `/v2/apps/${id}`);
  await cluster.deploymentsEnd();
});
