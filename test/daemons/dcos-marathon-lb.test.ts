import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freePort } from "../helpers/ports";
import { StandIn } from "../helpers/stand-in";

const cluster = new StandIn();
const ports = { web: 0, stats: 0 };

/** Says where it is; slowly when asked to; and is ill once it was told so. */
const web = `
const { HOST, PORT0 } = process.env;
let ill = false;
const server = require("node:http").createServer((request, response) => {
  if (request.url === "/fall-ill") ill = true;
  if (request.url === "/health" && ill) response.statusCode = 503;
  setTimeout(() => response.end(HOST), request.url === "/slow" ? 2000 : 0);
});
server.listen(+PORT0, HOST);
process.on("SIGTERM", () => server.close());
`;

beforeAll(async () => {
  await cluster.prepare();
  ports.web = await freePort();
  ports.stats = await freePort();
  const program = join(cluster.dir, "web.js");
  writeFileSync(program, web);
  const images = {
    "example/web": [process.execPath, program],
    "mesosphere/marathon-lb": [process.execPath, cluster.program("marathon-lb")],
  };
  await cluster.startMaster();
  cluster.startAgent("agent-1", { address: "127.0.0.11", images });
  cluster.startAgent("agent-2", { address: "127.0.0.12", images });
  cluster.startAgent("public-1", { address: "127.0.0.13", role: "public", images });
});

afterAll(() => cluster.close(), 60_000);

const image = (name: string) => ({ type: "DOCKER", docker: { image: name, network: "HOST" } });
const small = { cpus: 0.1, mem: 32 };

async function put(id: string, app: Readonly<Record<string, unknown>>): Promise<void> {
  const { status, body } = await cluster.call("PUT", `/v2/apps/${id}`, { ...small, ...app });
  if (status > 201) throw new Error(JSON.stringify(body));
  await cluster.deploymentsEnd();
}

/** A connection of its own each time, so that each goes to the next server, and none is used that is just closing. */
async function ask(path = "/"): Promise<string> {
  const request = get({ host: "127.0.0.1", port: ports.web, path, agent: false });
  const [response]: IncomingMessage[] = await once(request, "response");
  if (response === undefined) throw new Error("no response");
  return text(response);
}

/** Who answers four requests in a row. */
async function answering(): Promise<string> {
  const hosts: string[] = [];
  try {
    for (let i = 0; i < 4; i++) hosts.push(await ask());
  } catch {
    return "no connection";
  }
  return [...new Set(hosts)].sort().join(" ");
}

async function answersCome(from: string): Promise<void> {
  await cluster.eventually(`answers of ${from}`, async () => {
    const seen = await answering();
    return seen === from || seen;
  });
}

const own = async (path: string) => fetch(`http://127.0.0.1:${ports.stats}${path}`);

test("an app is reached through HAProxy, all of its tasks", async () => {
  await put("/web", {
    container: image("example/web:1"),
    instances: 2,
    constraints: [["hostname", "UNIQUE"]],
    labels: { HAPROXY_GROUP: "external" },
    portDefinitions: [{ port: ports.web }],
    healthChecks: [
      {
        protocol: "COMMAND",
        command: { value: 'curl -fsS -o /dev/null "http://$HOST:$PORT0/health"' },
        intervalSeconds: 1,
        // Told, and not killed for it.
        maxConsecutiveFailures: 0,
      },
    ],
  });
  const options = `--dont-bind-http-https --bind-address 127.0.0.1 --stats-port ${ports.stats}`;
  await put("/marathon-lb", {
    container: image("mesosphere/marathon-lb:v1.15.0"),
    args: `sse -m ${cluster.url} --health-check --group external ${options}`.split(" "),
    acceptedResourceRoles: ["slave_public"],
    portDefinitions: [],
    taskKillGracePeriodSeconds: 10,
    healthChecks: [
      {
        protocol: "MESOS_HTTP",
        path: "/_haproxy_health_check",
        port: ports.stats,
        intervalSeconds: 1,
      },
    ],
  });
  await answersCome("127.0.0.11 127.0.0.12");
  // It is shown when the reload has ended, which answers do not wait for.
  await cluster.eventually("the configuration", async () => {
    const config = await (await own("/_haproxy_getconfig")).text();
    return config.includes(`frontend web_${ports.web}\n  bind 127.0.0.1:${ports.web}\n`) || config;
  });
  expect((await own("/else")).status).toBe(404);
});

test("a task that falls ill is taken out, and only that one", async () => {
  const { tasks } = (await cluster.call("GET", "/v2/apps//web?embed=app.tasks")).body.app;
  const [first, second] = tasks.map((task: { host: string }) => task.host).sort();
  const port = tasks.find((task: { host: string }) => task.host === first).ports[0];
  await fetch(`http://${first}:${port}/fall-ill`);
  await answersCome(second);
  const { app } = (await cluster.call("GET", "/v2/apps//web")).body;
  expect(app).toMatchObject({ tasksRunning: 2, tasksHealthy: 1, tasksUnhealthy: 1 });
});

/**
 * A connection that a reload finds without a request on it may be closed by HAProxy 2.6, and the request that was just on
 * its way is sent again, as clients do with a GET that got no answer at all (RFC 9110, section 9.2.2).
 */
async function askLikeClients(): Promise<string> {
  try {
    return await ask();
  } catch (thrown) {
    if (!String(thrown).includes("socket hang up")) throw thrown;
    return ask();
  }
}

/** Asks again and again while something is done, and says what came of it. */
async function askedMeanwhile(what: () => Promise<void>) {
  let running = true;
  let answered = 0;
  const lost: string[] = [];
  const asking = (async () => {
    while (running) {
      try {
        await askLikeClients();
        answered += 1;
      } catch (thrown) {
        lost.push(String(thrown));
      }
    }
  })();
  try {
    await what();
  } finally {
    running = false;
    await asking;
  }
  return { answered, lost };
}

test("no request is lost while tasks are replaced and the app is scaled", async () => {
  const { answered, lost } = await askedMeanwhile(async () => {
    const upgradeStrategy = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 };
    await put("/web", { upgradeStrategy });
    await answersCome("127.0.0.11 127.0.0.12");
    await put("/web", { instances: 1 });
    await cluster.eventually("answers of one", async () => {
      const seen = await answering();
      return /^127\.0\.0\.1[12]$/.test(seen) || seen;
    });
  });
  expect(lost).toEqual([]);
  expect(answered).toBeGreaterThan(100);
});

test("Marathon may go and come back: what was served is served on, and changes are seen again", async () => {
  const before = await answering();
  await cluster.stop("master");
  expect(await answering()).toBe(before);
  await cluster.startMaster();
  await put("/web", { instances: 2 });
  await answersCome("127.0.0.11 127.0.0.12");
});

test("an app that goes takes its port with it, and a balancer that ends lets its clients finish", async () => {
  const slow = ask("/slow");
  await cluster.eventually("the slow request", async () => {
    const csv = await (await own("/haproxy?stats;csv")).text();
    const [, , , , now = ""] =
      csv
        .split("\n")
        .find((line) => line.startsWith(`web_${ports.web},FRONTEND`))
        ?.split(",") ?? [];
    return Number(now) >= 1 || csv;
  });
  await cluster.call("DELETE", "/v2/apps//marathon-lb");
  expect(await slow).toMatch(/^127\.0\.0\.1[12]$/);
  await cluster.deploymentsEnd();
  await expect(own("/_haproxy_health_check")).rejects.toThrow("fetch failed");
});
