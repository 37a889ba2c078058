import { generateKeyPairSync } from "node:crypto";
import { chmodSync } from "node:fs";
import { hashPassword } from "../../standins/dcos/router/auth";
import { signJwt } from "../../util/jwt";
import { type Answer, type, User } from "../helpers/cosmos-user";
import { StandIn } from "../helpers/stand-in";

const account = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const password = "a password for tests";

const cluster = new StandIn(
  { agentTimeoutSeconds: 3 },
  {
    auth: {
      users: {
        admin: { passwordHash: hashPassword(password) },
        robot: { publicKey: account.publicKey },
        guest: { passwordHash: hashPassword(password), forbidden: true },
      },
    },
  },
);
const user = new User(cluster);

beforeAll(async () => {
  await cluster.prepare();
  // marathon-user runs as nobody.
  chmodSync(cluster.dir, 0o755);
  await cluster.startMaster();
  const zookeeper = cluster.mesosUrl.replace("http://", "zk://");
  for (const [index, name] of ["agent-1", "agent-2", "agent-3"].entries()) {
    const first = 31_500 + index * 100;
    cluster.startAgent(name, {
      address: `127.0.0.${51 + index}`,
      ports: { first, last: first + 99 },
      images: {
        "mesosphere/marathon": [process.execPath, cluster.program("marathon-user")],
        "seamless/etcd-scheduler": [
          ...[process.execPath, cluster.program("etcd-scheduler")],
          ...["--zookeeper", zookeeper],
        ],
      },
    });
  }
  await user.login({ uid: "admin", password });
  await cluster.eventually("the agents", async () => {
    const { body } = await user.json("GET", "/mesos/slaves");
    return body.slaves.length === 3 ? true : JSON.stringify(body);
  });
});

afterAll(() => cluster.close(), 60_000);

/** Options with which the package's Marathon finds this cluster, which has no names. */
function marathonOptions(service: Readonly<Record<string, unknown>> = {}) {
  const zk = cluster.mesosUrl.replace("http://", "zk://");
  return {
    service: { cpus: 0.5, ...service },
    marathon: { master: `${zk}/mesos`, zk: `${zk}/universe/marathon-user` },
  };
}

async function deployed(): Promise<void> {
  await cluster.eventually("the end of all deployments", async () => {
    const { body } = await user.json("GET", "/service/marathon/v2/deployments");
    return body.length === 0 ? true : JSON.stringify(body);
  });
}

async function frameworks(): Promise<string[]> {
  const { body } = await user.json("GET", "/mesos/frameworks");
  return body.frameworks.map((one: { name: string }) => one.name).sort();
}

/** nginx's own pages, and those of Admin Router for who may not come in, which say their character set. */
function expectHtml(answer: Answer, status: number): void {
  const type = status === 401 || status === 403 ? "text/html; charset=UTF-8" : "text/html";
  expect([answer.status, answer.type]).toEqual([status, type]);
  expect(answer.body).toContain("<html");
}

test("nobody comes in without a token, and refusals are pages", async () => {
  const stranger = new User(cluster);
  for (const path of ["/service/marathon/v2/apps", "/mesos/state", "/package/list"]) {
    const answer = await stranger.send("GET", path);
    expectHtml(answer, 401);
    expect(answer.headers.get("www-authenticate")).toBe("oauthjwt");
  }
  expect((await stranger.login({ uid: "admin", password: "wrong" })).status).toBe(401);
  expect((await stranger.login({ uid: "robot", password })).status).toBe(401);
  const exp = Date.now() / 1000 + 60;
  const { privateKey } = account;
  const forged = signJwt({ uid: "admin", exp }, privateKey);
  expect((await stranger.login({ uid: "admin", token: forged })).status).toBe(401);
  const late = signJwt({ uid: "robot", exp: exp - 120 }, privateKey);
  expect((await stranger.login({ uid: "robot", token: late })).status).toBe(401);

  const good = signJwt({ uid: "robot", exp }, privateKey);
  const welcome = await stranger.login({ uid: "robot", token: good });
  expect(welcome.status).toBe(200);
  expect(welcome.headers.get("set-cookie")).toContain(
    `dcos-acs-auth-cookie=${welcome.body.token};`,
  );
  expect((await stranger.json("GET", "/service/marathon/v2/apps")).status).toBe(200);
  const cookie = `dcos-acs-auth-cookie=${welcome.body.token}`;
  const byCookie = await new User(cluster).send("GET", "/mesos/version", { headers: { cookie } });
  expect(byCookie.status).toBe(200);

  const guest = new User(cluster);
  expect((await guest.login({ uid: "guest", password })).status).toBe(200);
  expectHtml(await guest.send("GET", "/package/list"), 403);
  const { body } = await new User(cluster).send("GET", "/dcos-metadata/dcos-version.json");
  expect(body).toMatchObject({ version: "2.0.6", "dcos-variant": "open" });
});

test("tells of packages and their releases", async () => {
  const request = { packageName: "marathon", includePackageVersions: true };
  expect((await user.cosmos("/package/list-versions", request)).body).toEqual({
    results: { "1.7.188": "301", "1.6.335": "28" },
  });
  const described = await user.cosmos("/package/describe", { packageName: "marathon" }, 3);
  expect(described.type).toBe(type("package.describe-response", 3));
  expect(described.body.package).toMatchObject({ version: "1.7.188", releaseVersion: 301 });
  const old = { packageName: "marathon", packageVersion: "1.6.335" };
  const flat = await user.cosmos("/package/describe", old, 2);
  expect(flat.body.config.properties.service.properties.user).toBeUndefined();
  const found = await user.cosmos("/package/search", { query: "mara*" });
  expect(found.body.packages.map((one: { name: string }) => one.name)).toEqual([
    "marathon",
    "marathon-lb",
  ]);
});

test.each([
  ["/package/describe", { packageName: "none" }, 3, "PackageNotFound"],
  ["/package/describe", { packageName: "etcd", packageVersion: "9" }, 3, "VersionNotFound"],
  ["/package/describe", { packageName: "etcd" }, 2, "ConversionFromPackageToV2DescribeResponse"],
  ["/package/describe", { packageName: "etcd" }, 7, "not_valid"],
  ["/package/uninstall", { packageName: "etcd" }, 1, "PackageNotInstalled"],
  [
    "/package/uninstall",
    { packageName: "etcd", appId: "/etcd" },
    1,
    "UninstallNonExistentAppForPackage",
  ],
  ["/cosmos/service/describe", { appId: "/none" }, 1, "MarathonAppNotFound"],
  ["/cosmos/service/update", { appId: "/none" }, 1, "JsonDecodingError"],
  ["/package/repository/delete", { name: "none" }, 1, "RepositoryNotPresent"],
  ["/package/repository/add", { name: "x", uri: "none" }, 1, "RepositoryUriSyntax"],
])("%s of %j refuses with its own error", async (path, body, version, error) => {
  const answer = await user.cosmos(path, body, version);
  expect([answer.status, answer.body.type]).toEqual([400, error]);
  expect(answer.type).toBe(type("package.error", 1));
});

test("another content type is refused", async () => {
  const answer = await user.json("POST", "/package/list", {});
  expect([answer.status, answer.body.type]).toEqual([400, "not_valid"]);
});

test("options that do not fit are all told, and nothing is installed", async () => {
  const options = { "marathon-lb": { cpus: 0, mem: "much", "haproxy-group": 1 } };
  const request = { packageName: "marathon-lb", options };
  const { status, body } = await user.cosmos("/package/install", request, 2);
  expect([status, body.type]).toEqual([400, "JsonSchemaMismatch"]);
  const errors = body.data.errors.map(
    (one: { instance: { pointer: string }; keyword: string }) =>
      `${one.instance.pointer} ${one.keyword}`,
  );
  expect(errors).toEqual([
    "/marathon-lb/cpus minimum",
    "/marathon-lb/mem type",
    "/marathon-lb/haproxy-group type",
  ]);
  expect((await user.cosmos("/package/list", {})).body).toEqual({ packages: [] });
});

test("marathon-user is installed, reached by its name, and changed", async () => {
  const request = { packageName: "marathon", options: marathonOptions() };
  const installed = await user.cosmos("/package/install", request, 2);
  expect([installed.status, installed.body]).toEqual([
    200,
    {
      packageName: "marathon",
      packageVersion: "1.7.188",
      appId: "/marathon-user",
      postInstallNotes: expect.any(String),
    },
  ]);
  const again = await user.cosmos("/package/install", request, 2);
  expect([again.status, again.body.type]).toEqual([409, "PackageAlreadyInstalled"]);
  await deployed();
  const listed = (await user.cosmos("/package/list", { packageName: "marathon" })).body.packages;
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({
    appId: "/marathon-user",
    packageInformation: { packageDefinition: { name: "marathon", version: "1.7.188" } },
  });
  await cluster.eventually("the service", async () => {
    const { status, body } = await user.send("GET", "/service/marathon-user/ping");
    return (status === 200 && body === "pong") || `${status} ${body}`;
  });
  const slash = await user.send("GET", "/service/marathon-user");
  expect([slash.status, slash.headers.get("location")]).toEqual([301, "/service/marathon-user/"]);
  expect(await user.send("GET", "/service/none/ping")).toMatchObject({
    status: 404,
    type: "application/octet-stream",
    body: "404 Not Found: service not found.\n",
  });

  const described = (await user.cosmos("/cosmos/service/describe", { appId: "marathon-user" }))
    .body;
  expect(described.userProvidedOptions).toEqual(marathonOptions());
  expect(described.resolvedOptions.service).toMatchObject({ cpus: 0.5, mem: 1536, user: "nobody" });
  const update = { appId: "/marathon-user", replace: false, options: { service: { mem: 640 } } };
  const updated = (await user.cosmos("/cosmos/service/update", update)).body;
  expect(updated.resolvedOptions.service).toMatchObject({ cpus: 0.5, mem: 640 });
  await deployed();
  const { app } = (await user.json("GET", "/marathon/v2/apps//marathon-user")).body;
  expect(app.mem).toBe(640);
  const other = await user.cosmos("/cosmos/service/update", {
    ...update,
    packageVersion: "1.6.335",
  });
  expect(other.body.type).toBe("VersionUpgradeNotSupportedInOpen");
  const renamed = { ...update, options: { service: { name: "another" } } };
  expect((await user.cosmos("/cosmos/service/update", renamed)).body.type).toBe("AppIdChanged");
});

test("events of marathon-user come through as they happen", async () => {
  const abort = new AbortController();
  await cluster.eventually("the service", async () => {
    const { status } = await user.send("GET", "/service/marathon-user/ping");
    return status === 200 || String(status);
  });
  const response = await fetch(`${cluster.routerUrl}/service/marathon-user/v2/events`, {
    headers: { Authorization: `token=${user.token}`, Accept: "text/event-stream" },
    signal: abort.signal,
  });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const app = { id: "/nginx", cmd: "exec sleep 1000", cpus: 0.1, mem: 32 };
  const put = await user.json("PUT", "/service/marathon-user/v2/apps//nginx", app);
  expect(put.status).toBe(201);
  let seen = "";
  for await (const chunk of response.body ?? []) {
    seen += Buffer.from(chunk).toString();
    if (seen.includes("event: deployment_success")) break;
  }
  abort.abort();
  expect(seen).toContain("event: api_post_event");
  const names = (await user.json("GET", "/mesos_dns/v1/enumerate")).body.frameworks.flatMap(
    (one: { tasks: { records: { name: string }[] }[] }) =>
      one.tasks.flatMap((task) => task.records.map((record) => record.name)),
  );
  expect(names.sort()).toEqual(["marathon-user.marathon.mesos.", "nginx.marathon-user.mesos."]);
});

test("faults are what was asked for, and as often", async () => {
  const ask = async (path: string, body: unknown = {}) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    expect((await fetch(`${cluster.faultsUrl}${path}`, init)).status).toBe(204);
  };
  const apps = () => user.send("GET", "/service/marathon/v2/apps");
  await ask("/requests", { kind: "unauthorized", path: "^/service/marathon/", skip: 1 });
  expect((await apps()).status).toBe(200);
  expectHtml(await apps(), 401);
  await ask("/requests", { kind: "unavailable", times: 2 });
  expectHtml(await apps(), 503);
  expectHtml(await apps(), 503);
  await ask("/requests", { kind: "error" });
  expect([await apps()]).toMatchObject([{ status: 500, body: "Internal Server Error" }]);
  await ask("/requests", { kind: "locked" });
  expect((await apps()).body.deployments).toHaveLength(1);
  await ask("/requests", { kind: "truncated" });
  await expect(apps()).rejects.toThrow();
  await ask("/requests", { kind: "closed" });
  await expect(apps()).rejects.toThrow();
  expect((await apps()).status).toBe(200);
  await ask("/tokens/expire");
  expectHtml(await apps(), 401);
  await user.login({ uid: "admin", password });
  expect((await apps()).status).toBe(200);
  await ask("/tasks/spoilt/fail", { milliseconds: 5_000 });
  const app = { id: "/spoilt", cmd: "exec sleep 1000", cpus: 0.1, mem: 32 };
  await user.json("PUT", "/marathon/v2/apps//spoilt", app);
  await cluster.eventually("the failure", async () => {
    const { body } = await user.json("GET", "/marathon/v2/apps//spoilt?embed=app.lastTaskFailure");
    return (
      body.app.lastTaskFailure?.message === "failed: a fault that was asked for" ||
      JSON.stringify(body)
    );
  });
  await user.json("DELETE", "/marathon/v2/apps//spoilt");
  await deployed();
});

test("uninstalling marathon-user ends its app, its framework and what that runs", async () => {
  const { body } = await user.cosmos("/package/uninstall", { packageName: "marathon" });
  expect(body.results).toEqual([
    {
      packageName: "marathon",
      appId: "/marathon-user",
      packageVersion: "1.7.188",
      postUninstallNotes: expect.any(String),
    },
  ]);
  await deployed();
  expect(await frameworks()).toEqual(["marathon"]);
  await cluster.eventually("the end of its tasks", async () => {
    const { orphan_tasks } = (await user.json("GET", "/mesos/state")).body;
    return orphan_tasks.length === 0 || JSON.stringify(orphan_tasks);
  });
  expect((await user.json("GET", "/marathon/v2/apps//marathon-user")).status).toBe(404);
});

test("etcd is installed with three members, and its scheduler goes after them", async () => {
  const options = {
    node: { cpus: 0.2, mem: 64 },
    etcd: { client_port: 23_791, peer_port: 23_801 },
  };
  const request = { packageName: "etcd", options };
  expect((await user.cosmos("/package/install", request, 2)).body.appId).toBe("/etcd");
  await deployed();
  await cluster.eventually("the plan", async () => {
    const { body } = await user.send("GET", "/service/etcd/v1/plans/deploy");
    return body.status === "COMPLETE" || JSON.stringify(body);
  });
  const health = await fetch("http://127.0.0.51:23791/health");
  expect(await health.json()).toEqual({ health: "true" });
  expect(await frameworks()).toEqual(["etcd", "marathon"]);
  const removed = await user.cosmos("/package/uninstall", { packageName: "etcd" });
  expect(removed.body.results).toHaveLength(1);
  await cluster.eventually("the end of the app", async () => {
    const { status, body } = await user.json("GET", "/marathon/v2/apps//etcd");
    return status === 404 || JSON.stringify(body.app.deployments);
  });
  expect(await frameworks()).toEqual(["marathon"]);
});
