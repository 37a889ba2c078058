import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { StandIn } from "../helpers/stand-in";

const cluster = new StandIn();

beforeAll(async () => {
  await cluster.prepare();
  await cluster.startMaster();
  const image = join(cluster.dir, "image");
  const tell = 'printf "%s\\n" "$@" > arguments; id -un > user; env > environment; exec sleep 1000';
  writeFileSync(image, `#!/bin/sh\n${tell}\n`);
  chmodSync(image, 0o755);
  // Whoever a task runs as has to get to its sandbox.
  chmodSync(cluster.dir, 0o755);
  const images = { "example/tells": [image, "first"] };
  cluster.startAgent("agent-1", { address: "127.0.0.11", images });
  cluster.startAgent("public-1", { address: "127.0.0.13", role: "public", images });
});

afterAll(() => cluster.close(), 60_000);

const small = { cpus: 0.1, mem: 32 };

async function tasks(id: string) {
  return (await cluster.call("GET", `/v2/apps/${id}?embed=app.tasks`)).body.app.tasks;
}

async function remove(id: string): Promise<void> {
  expect((await cluster.call("DELETE", `/v2/apps/${id}`)).status).toBe(200);
  await cluster.deploymentsEnd();
}

test("an image is a program of the host, run as the app's user", async () => {
  const id = "/image";
  const container = { type: "DOCKER", docker: { image: "example/tells:1.0", network: "HOST" } };
  const app = { ...small, id, args: ["a b", "c"], user: "nobody", container };
  expect((await cluster.call("PUT", `/v2/apps/${id}`, app)).status).toBe(201);
  await cluster.deploymentsEnd();
  const [task] = await tasks(id);
  expect(task).toMatchObject({
    host: "127.0.0.11",
    ports: [31_000],
    servicePorts: [10_000],
    healthCheckResults: [],
  });
  const sandbox = join(cluster.dir, "agent-1", "sandboxes", task.id);
  const read = (name: string) => readFileSync(join(sandbox, name), "utf8");
  await cluster.eventually("the environment", async () =>
    existsSync(join(sandbox, "environment")) && statSync(join(sandbox, "environment")).size > 0
      ? true
      : "no file",
  );
  expect(read("arguments")).toBe("first\na b\nc\n");
  expect(read("user")).toBe("nobody\n");
  expect(read("environment")).toContain("LIBPROCESS_IP=127.0.0.11\n");
  expect(read("environment")).toContain("MARATHON_APP_DOCKER_IMAGE=example/tells:1.0\n");
  await remove(id);
});

test("an image that the agent does not know fails as one that cannot be pulled", async () => {
  const id = "/unknown";
  const container = { type: "MESOS", docker: { image: "example/other:1" } };
  await cluster.call("PUT", `/v2/apps/${id}`, { ...small, id, container });
  await cluster.eventually("a failure", async () => {
    const { app } = (await cluster.call("GET", `/v2/apps/${id}?embed=app.lastTaskFailure`)).body;
    const { state = "", message = "" } = app.lastTaskFailure ?? {};
    const expected =
      "Failed to pull image 'example/other:1': no such image; this agent runs programs of its host in place of: example/tells";
    return (state === "TASK_FAILED" && message === expected) || `${state} ${message}`;
  });
  await remove(id);
});

test("a second task of an app that requires its ports waits, and the queue says why", async () => {
  const id = "/ports";
  const app = {
    ...small,
    id,
    cmd: "exec sleep 1000",
    instances: 2,
    acceptedResourceRoles: ["slave_public"],
    ports: [80, 9090],
    requirePorts: true,
  };
  await cluster.call("PUT", `/v2/apps/${id}`, app);
  await cluster.eventually("the queue", async () => {
    const { queue } = (await cluster.call("GET", "/v2/queue")).body;
    const summary = queue[0]?.processedOffersSummary.rejectSummaryLastOffers ?? [];
    const declined = summary.filter((one: { declined: number }) => one.declined > 0);
    return (
      JSON.stringify(declined) ===
        '[{"reason":"UnfulfilledRole","declined":1,"processed":2},{"reason":"InsufficientPorts","declined":1,"processed":1}]' ||
      JSON.stringify(queue)
    );
  });
  const [task] = await tasks(id);
  expect(task).toMatchObject({ host: "127.0.0.13", ports: [80, 9090], servicePorts: [80, 9090] });
  await cluster.call("PUT", `/v2/apps/${id}?force=true`, { instances: 1 });
  await cluster.deploymentsEnd();
  await remove(id);
});

test("ports of the agent are mapped after the container has its address, and given back before it", async () => {
  const plugins = join(cluster.dir, "plugins");
  mkdirSync(plugins);
  const calls = join(cluster.dir, "calls");
  const result = { cniVersion: "0.1.0", ip4: { ip: "198.51.100.7/32" } };
  for (const name of ["recorder", "portmap"]) {
    const line = `printf '${name} %s ' "$CNI_COMMAND" >> ${calls}; cat >> ${calls}; echo >> ${calls}`;
    writeFileSync(join(plugins, name), `#!/bin/sh\n${line}\necho '${JSON.stringify(result)}'\n`);
    chmodSync(join(plugins, name), 0o755);
  }
  const delegate = { cniVersion: "0.1.0", type: "recorder" };
  const conf = { ...delegate, name: "calico-open" };
  const mapper = { name: conf.name, type: "mesos-cni-port-mapper", chain: "M-OPEN", delegate };
  writeFileSync(join(cluster.dir, "cni", "10-open.conf"), JSON.stringify(mapper));
  writeFileSync(
    join(cluster.dir, "cni", "20-plain.conf"),
    JSON.stringify({ ...conf, name: "plain" }),
  );
  const run = async (id: string, networkName: string) => {
    await cluster.call("PUT", `/v2/apps/${id}`, {
      ...small,
      id,
      cmd: "exec sleep 1000",
      ipAddress: { networkName },
      container: { type: "MESOS", portMappings: [{ containerPort: 80, hostPort: 0 }] },
    });
    await cluster.deploymentsEnd();
  };
  // A network without Mesos' own plugin holds the port, and leads it nowhere.
  await run("/plain", "plain");
  await remove("/plain");
  expect(readFileSync(calls, "utf8")).not.toContain("portmap");
  rmSync(calls);
  const id = "/mapped";
  await run(id, "calico-open");
  const [task] = await tasks(id);
  expect(task).toMatchObject({
    ports: [31_000],
    ipAddresses: [{ ipAddress: "198.51.100.7", protocol: "IPv4" }],
  });
  await remove(id);
  const mapping = {
    cniVersion: "0.3.1",
    name: "calico-open",
    type: "portmap",
    snat: true,
    runtimeConfig: {
      portMappings: [{ hostPort: 31_000, containerPort: 80, protocol: "tcp" }],
    },
  };
  // The plugin for ports wants the newer form of a result.
  const ips = [{ version: "4", address: "198.51.100.7/32" }];
  const prevResult = { cniVersion: "0.3.1", ips };
  const args = {
    "org.apache.mesos": { network_info: { name: "calico-open", labels: { labels: [] } } },
  };
  expect(readFileSync(calls, "utf8").trim().split("\n")).toEqual([
    `recorder ADD ${JSON.stringify({ ...conf, args })}`,
    `portmap ADD ${JSON.stringify({ ...mapping, prevResult })}`,
    `portmap DEL ${JSON.stringify(mapping)}`,
    `recorder DEL ${JSON.stringify({ ...conf, args })}`,
  ]);
});
