import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execOrThrow } from "../../../../util/exec";
import { User } from "../../../helpers/cosmos-user";
import { StandIn } from "../../../helpers/stand-in";

const folder = mkdtempSync(join(tmpdir(), "seamless-tls-"));
const tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
const secure = new StandIn({}, { tls, version: "1.13.9" });
const plain = new StandIn({ agentTimeoutSeconds: 3 }, {});

beforeAll(async () => {
  await execOrThrow([
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-keyout", tls.key, "-out", tls.cert],
  ]);
  for (const cluster of [secure, plain]) {
    await cluster.prepare();
    await cluster.startMaster();
  }
  for (const [index, name] of ["agent-1", "agent-2"].entries()) {
    const first = 31_600 + 50 * index;
    const ports = { first, last: first + 49 };
    plain.startAgent(name, { address: `127.0.0.${81 + index}`, ports });
  }
  await plain.eventually("the agents", async () => {
    const { body } = await new User(plain).send("GET", "/mesos/slaves");
    return body.slaves.length === 2 || JSON.stringify(body);
  });
}, 60_000);

afterAll(async () => {
  await Promise.all([secure.close(), plain.close()]);
  rmSync(folder, { recursive: true });
}, 60_000);

/** GET over TLS; by default with no authority that knows the certificate. */
function get(path: string, ca?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${secure.routerUrl}${path}`, ca === undefined ? {} : { ca });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      let text = "";
      incoming.on("data", (chunk) => {
        text += String(chunk);
      });
      incoming.once("end", () => resolve(`${incoming.statusCode} ${text}`));
    });
    outgoing.end();
  });
}

test("Admin Router proves itself with its certificate, to those who know who made it", async () => {
  await expect(get("/service/marathon/ping")).rejects.toThrow("self-signed certificate");
  const ca = readFileSync(tls.cert, "utf8");
  expect(await get("/service/marathon/ping", ca)).toBe("200 pong");
  expect(await get("/dcos-metadata/dcos-version.json", ca)).toContain('"version":"1.13.9"');
});

test("without users everyone comes in, and there is no login", async () => {
  const user = new User(plain);
  expect((await user.send("GET", "/marathon/ping")).body).toBe("pong");
  expect((await user.login({ uid: "admin", password: "x" })).status).toBe(404);
  for (const [path, redirect] of Object.entries({
    "/marathon": 307,
    "/mesos": 301,
    "/service/marathon": 301,
  })) {
    const { status, headers } = await user.send("GET", `${path}?a=b`);
    expect([status, headers.get("location")]).toEqual([redirect, `${path}/?a=b`]);
  }
  expect((await user.send("GET", "/nothing")).status).toBe(404);
});

test("an agent that is lost loses its tasks, which start elsewhere, until it is heard of again", async () => {
  const user = new User(plain);
  const app = {
    id: "/moves",
    cmd: "exec sleep 1000",
    cpus: 0.1,
    mem: 32,
    portDefinitions: [],
    constraints: [["hostname", "UNIQUE"]],
  };
  await user.json("PUT", "/marathon/v2/apps//moves", app);
  await plain.deploymentsEnd();
  const hosts = async () => {
    const { tasks } = (await user.send("GET", "/marathon/v2/apps//moves/tasks")).body;
    return tasks
      .filter((task: { state: string }) => task.state === "TASK_RUNNING")
      .map((task: { host: string }) => task.host)
      .join();
  };
  const before = await hosts();
  const agent = before === "127.0.0.81" ? "agent-1" : "agent-2";
  const lose = `${plain.faultsUrl}/agents/${agent}/lose`;
  const init = { method: "POST", body: JSON.stringify({ milliseconds: 2_000 }) };
  expect((await fetch(lose, init)).status).toBe(204);
  await plain.eventually("the other agent", async () => {
    const now = await hosts();
    return (now !== "" && now !== before) || now;
  });
  await plain.eventually("the agent again", async () => {
    const { body } = await user.send("GET", "/mesos/slaves");
    return body.slaves.length === 2 || JSON.stringify(body);
  });
  const held = `${plain.faultsUrl}/tasks/slow/hold`;
  await fetch(held, { method: "POST", body: JSON.stringify({ milliseconds: 2_000 }) });
  const begun = Date.now();
  await user.json("PUT", "/marathon/v2/apps//slow", { ...app, id: "/slow" });
  await plain.deploymentsEnd();
  expect(Date.now() - begun).toBeGreaterThanOrEqual(2_000);
}, 60_000);
