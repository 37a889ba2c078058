import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, findUser } from "../../../../standins/common/processes";
import {
  commandOf,
  repositoryOf,
  sandboxFiles,
  writeFiles,
} from "../../../../standins/dcos/agent/image";
import { taskSpec } from "../../../../standins/dcos/master/launch";
import { parseApp } from "../../../../standins/dcos/master/parse-app";
import { type Offer, place } from "../../../../standins/dcos/master/placement";
import { isOffered, portResource } from "../../../../standins/dcos/master/task-ports";

const version = "2026-01-01T00:00:00.000Z";

function parsed(fields: Readonly<Record<string, unknown>>) {
  const result = parseApp({ id: "/g/x", ...fields });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.app;
}

function spec(fields: Readonly<Record<string, unknown>>, used: readonly number[] = []) {
  const definition = parsed(fields);
  const record = { definition, version, lastScalingAt: version, lastConfigChangeAt: version };
  return taskSpec({ record, host: "10.0.0.1", id: "1", usedPorts: new Set(used) });
}

test("a task on the host is told its ports, its app and where it is", () => {
  const task = spec(
    {
      cmd: "true",
      env: { A: "a", HOST: "mine" },
      labels: { HAPROXY_0_VHOST: "x.example", tier: "web" },
      portDefinitions: [{ port: 10_000, name: "http-api" }, { port: 10_001 }],
    },
    [31_000],
  );
  expect(task.env).toEqual({
    A: "a",
    HOST: "mine",
    PORT: "31001",
    PORT0: "31001",
    PORT1: "31002",
    PORT_10000: "31001",
    PORT_10001: "31002",
    PORT_HTTP_API: "31001",
    PORTS: "31001,31002",
    MARATHON_APP_ID: "/g/x",
    MARATHON_APP_LABELS: "HAPROXY_0_VHOST TIER",
    MARATHON_APP_LABEL_HAPROXY_0_VHOST: "x.example",
    MARATHON_APP_LABEL_TIER: "web",
    MARATHON_APP_RESOURCE_CPUS: "1",
    MARATHON_APP_RESOURCE_DISK: "0",
    MARATHON_APP_RESOURCE_GPUS: "0",
    MARATHON_APP_RESOURCE_MEM: "128",
    MARATHON_APP_VERSION: version,
    MESOS_TASK_ID: "g_x.instance-1._app.1",
  });
  expect(task).toMatchObject({ ports: [31_001, 31_002], hostPorts: [31_001, 31_002] });
});

test("ports of the agent lead to those of a container where the app asks for it", () => {
  const task = spec({
    container: {
      type: "DOCKER",
      docker: { image: "nginx:1.27", network: "BRIDGE" },
      portMappings: [
        { containerPort: 80, protocol: "udp,tcp" },
        { containerPort: 0, hostPort: 8181 },
      ],
    },
  });
  expect(task).toMatchObject({
    command: [],
    image: "nginx:1.27",
    network: { mode: "container", name: "mesos-bridge", labels: {} },
    ports: [80, 8181],
    hostPorts: [31_000, 8181],
    mappedPorts: [
      { hostPort: 31_000, containerPort: 80, protocol: "tcp" },
      { hostPort: 31_000, containerPort: 80, protocol: "udp" },
      { hostPort: 8181, containerPort: 8181, protocol: "tcp" },
    ],
  });
  expect(task.env).toMatchObject({ PORT0: "31000", PORT_80: "31000", PORT1: "8181" });
});

test("a container with an address of its own holds no port of the agent", () => {
  const task = spec({
    args: ["a"],
    user: "nobody",
    networks: [{ mode: "container", name: "calico-open", labels: { tier: "web" } }],
    container: {
      type: "DOCKER",
      docker: {
        image: "nginx",
        parameters: [
          { key: "label", value: "org.projectcalico.label.role=front" },
          { key: "label", value: "other=1" },
        ],
      },
      portMappings: [{ containerPort: 80 }],
    },
  });
  expect(task.ports).toEqual([80]);
  expect(task).not.toHaveProperty("hostPorts");
  expect(task).not.toHaveProperty("mappedPorts");
  expect(task).toMatchObject({ image: "nginx", user: "nobody" });
  expect(task.network).toEqual({
    mode: "container",
    name: "calico-open",
    labels: { role: "front", tier: "web" },
  });
});

test.each([
  ["nginx", "nginx"],
  ["nginx:1.27", "nginx"],
  ["mesosphere/marathon-lb:v1.15.0", "mesosphere/marathon-lb"],
  ["localhost:5000/a/b", "localhost:5000/a/b"],
  ["localhost:5000/a/b:1@sha256:00", "localhost:5000/a/b"],
])("the image %s is of the repository %s", (image, repository) => {
  expect(repositoryOf(image)).toBe(repository);
});

test("an image's program gets the task's arguments, a command goes to the shell, an unknown image fails", () => {
  const images = { nginx: ["/usr/sbin/nginx", "-e", "stderr"], "a/b": ["/bin/b"] };
  const run = (fields: Readonly<Record<string, unknown>>, image = "nginx:1") =>
    commandOf(spec({ container: { docker: { image } }, ...fields }), images);
  expect(run({})).toEqual(["/usr/sbin/nginx", "-e", "stderr"]);
  expect(run({ args: ["-t"] })).toEqual(["/usr/sbin/nginx", "-e", "stderr", "-t"]);
  expect(run({ cmd: "nginx -t" })).toBe("nginx -t");
  expect(() => run({}, "redis:7")).toThrow(
    "Failed to pull image 'redis:7': no such image; this agent runs programs of its host in place of: a/b, nginx",
  );
  expect(commandOf(spec({ cmd: "true" }), {})).toBe("true");
});

test("a user is looked up, and taken on inside the namespace", () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";
  const user = findUser("nobody", passwd);
  expect(user).toEqual({ uid: 65_534, gid: 65_533 });
  expect(() => findUser("nobod", passwd)).toThrow("Failed to get the user 'nobod': no such user");
  expect(commandLine(["true"], "/run/netns/x", user)).toEqual([
    ...["nsenter", "--net=/run/netns/x"],
    ...["setpriv", "--reuid=65534", "--regid=65533", "--clear-groups"],
    "true",
  ]);
});

test("an agent is declined whose ports are taken, or are not among those it offers", () => {
  const offer = (agent: string, changes: Partial<Offer> = {}): Offer => ({
    agent,
    hostname: agent,
    attributes: {},
    role: "slave_public",
    free: { cpus: 4, mem: 4096 },
    usedPorts: new Set(),
    ...changes,
  });
  const app = parsed({
    cmd: "true",
    ports: [80, 9090, 0],
    requirePorts: true,
    acceptedResourceRoles: ["*", "slave_public"],
  });
  const taken = offer("taken", { usedPorts: new Set([9090]) });
  const inner = offer("inner", { role: "*" });
  expect(place(app, [taken, inner], [])).toEqual({
    declined: { taken: "InsufficientPorts", inner: "InsufficientPorts" },
  });
  expect(place(app, [taken, inner, offer("free")], [])).toEqual({ agent: "free" });
  expect(portResource("slave_public")).toBe("[1-21, 23-5050, 5052-32000]");
  expect([8080, 8181].map((port) => isOffered("*", port))).toEqual([false, false]);
});

test("what a task fetches is a program of the host, started by its path with the command's arguments", () => {
  const files = { "example/app": { "bin/start": ["/bin/echo", "it's", "here:"] } };
  const fetched = { "tool.zip": { "tool/run": ["/bin/echo", "tool"] } };
  const cmd = "./bin/start a 'b c' && ./tool/run";
  const docker = { image: "example/app:1" };
  const task = spec({ cmd, container: { docker }, uris: ["http://127.0.0.1/x/tool.zip"] });
  const sandbox = mkdtempSync(join(tmpdir(), "seamless-sandbox-"));
  try {
    writeFiles(sandbox, sandboxFiles(task, { ...files, ...fetched }));
    const command = commandOf(task, { "example/app": ["/bin/false"] });
    const { stdout } = spawnSync("/bin/sh", ["-c", String(command)], {
      cwd: sandbox,
      encoding: "utf8",
    });
    expect(stdout).toBe("it's here: a b c\ntool\n");
  } finally {
    rmSync(sandbox, { recursive: true });
  }
  expect(() => sandboxFiles(task, files)).toThrow(
    "Failed to fetch all URIs: 'http://127.0.0.1/x/tool.zip': this agent fetches nothing; it has programs of its host in place of: example/app",
  );
});
