import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMasterConfig } from "../../../../standins/dcos/config";
import { checkContentType, chosenVersion, mediaType } from "../../../../standins/dcos/cosmos/media";
import { Repositories } from "../../../../standins/dcos/cosmos/repositories";
import { Auth, hashPassword } from "../../../../standins/dcos/router/auth";
import { enumerate } from "../../../../standins/dcos/router/dns";
import { Faults } from "../../../../standins/dcos/router/faults";
import { verifyToken } from "../../../../standins/dcos/router/jwt";
import { readServices } from "../../../../standins/dcos/router/services";
import { signJwt } from "../../../../util/jwt";

const folder = mkdtempSync(join(tmpdir(), "seamless-router-"));
afterAll(() => rmSync(folder, { recursive: true }));

function keyPair() {
  return generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

test("a token is worth something to who has the key, until its time has come", () => {
  const { privateKey, publicKey } = keyPair();
  const token = signJwt({ uid: "robot", exp: 100 }, privateKey);
  expect(verifyToken(token, publicKey, 99_000)).toEqual({ uid: "robot", exp: 100 });
  expect(verifyToken(token, publicKey, 100_000)).toBeUndefined();
  expect(verifyToken(token, keyPair().publicKey, 0)).toBeUndefined();
  const [, payload, signature] = token.split(".");
  const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
  expect(verifyToken(`${unsigned}.${payload}.${signature}`, publicKey, 0)).toBeUndefined();
  expect(verifyToken("nonsense", publicKey, 0)).toBeUndefined();
});

test("a login gives a token for its lifetime, and all tokens can be ended", () => {
  let now = 1_000_000;
  const users = { admin: { passwordHash: hashPassword("secret") } };
  const config = { users, tokenLifetimeSeconds: 60 };
  const auth = new Auth(config, join(folder, "keys.json"), () => now);
  const login = (password: string) => auth.login(JSON.stringify({ uid: "admin", password }));
  expect(login("wrong")).toMatchObject({
    status: 401,
    body: { code: "ERR_INVALID_CREDENTIALS" },
  });
  expect(auth.login("{")).toMatchObject({ status: 400 });
  expect(auth.login('{"uid": "admin"}')).toMatchObject({ status: 400 });
  const { status, body } = login("secret");
  expect(status).toBe(200);
  const authorization = `token=${Object(body).token}`;
  expect(auth.judge({ authorization })).toBe("allowed");
  expect(auth.judge({})).toBe("unknown");
  // The key is kept.
  expect(new Auth(config, join(folder, "keys.json"), () => now).judge({ authorization })).toBe(
    "allowed",
  );
  now += 60_000;
  expect(auth.judge({ authorization })).toBe("unknown");
  const again = { authorization: `token=${Object(login("secret").body).token}` };
  now += 1;
  auth.expire();
  expect(auth.judge(again)).toBe("unknown");
});

test("services are running tasks of apps that say so in their labels", () => {
  const labels = {
    DCOS_SERVICE_NAME: "web",
    DCOS_SERVICE_SCHEME: "http",
    DCOS_SERVICE_PORT_INDEX: "1",
  };
  const tasks = [
    { state: "TASK_STAGING", host: "10.0.0.1", ports: [1, 2] },
    { state: "TASK_RUNNING", host: "10.0.0.2", ports: [3, 4] },
  ];
  const found = readServices({
    apps: [
      { labels, tasks },
      { labels: { ...labels, DCOS_SERVICE_NAME: "none" }, tasks: [] },
      { labels: { DCOS_SERVICE_NAME: "no-port" }, tasks },
      {
        labels: {
          ...labels,
          DCOS_SERVICE_NAME: "/group/raw",
          DCOS_SERVICE_REWRITE_REQUEST_URLS: "false",
        },
        tasks,
      },
    ],
  });
  expect([...found]).toEqual([
    ["web", { url: "http://10.0.0.2:4", rewrites: true }],
    ["group/raw", { url: "http://10.0.0.2:4", rewrites: false }],
  ]);
});

test("names are listed by framework", () => {
  const status = (ip: string) => [
    { container_status: { network_infos: [{ ip_addresses: [{ ip_address: ip }] }] } },
  ];
  const state = {
    frameworks: [
      {
        name: "marathon-user",
        tasks: [
          { id: "1", name: "web.group", state: "TASK_RUNNING", statuses: status("192.168.128.1") },
          { id: "2", name: "web", state: "TASK_STAGING", statuses: status("192.168.128.2") },
        ],
      },
    ],
  };
  const record = { name: "web-group.marathon-user.mesos.", host: "192.168.128.1", rtype: "A" };
  expect(enumerate(state)).toEqual({
    frameworks: [
      { name: "marathon-user", tasks: [{ id: "1", name: "web.group", records: [record] }] },
    ],
  });
});

test("media types are compared by what they say, and the first that there is is taken", () => {
  const kind = "package.install-response";
  const v1 = mediaType(kind, 1);
  expect(chosenVersion(v1, kind, [1, 2])).toBe(1);
  expect(chosenVersion(`x/y, ${mediaType(kind, 2)};q=0.9, ${v1}`, kind, [1, 2])).toBe(2);
  const spaced = "application/vnd.dcos.package.install-response+json; version=v1; charset=UTF-8";
  expect(chosenVersion(spaced, kind, [1])).toBe(1);
  expect(() => chosenVersion("*/*", kind, [1])).toThrow(`should match one of: ${v1}`);
  expect(() => chosenVersion(undefined, kind, [1])).toThrow("'Accept'' not present");
  expect(() => checkContentType("application/json", v1)).toThrow(`should match exactly: ${v1}`);
  expect(() => checkContentType(undefined, v1)).toThrow("'Content-Type'' not present");
});

test("repositories are kept in order, and packages go with the one they come from", () => {
  const file = join(folder, "repositories.json");
  const repositories = new Repositories(file);
  const names = () => new Repositories(file).list().map(({ name }) => name);
  repositories.add({ name: "first", uri: "http://first.lab/repo" }, 0);
  repositories.add({ name: "last", uri: "http://last.lab/repo" });
  expect(names()).toEqual(["first", "Universe", "last"]);
  expect(() => repositories.add({ name: "last", uri: "http://other.lab" })).toThrow(
    "already present",
  );
  expect(() => repositories.add({ name: "x", uri: "http://x.lab" }, 9)).toThrow(
    "Index out of range: 9, allowed: 0 to 3",
  );
  expect(() => repositories.delete({})).toThrow("either the name or uri");
  expect(repositories.release("marathon").version).toBe("1.7.188");
  repositories.delete({ name: "Universe" });
  expect(() => repositories.release("marathon")).toThrow("Package [marathon] not found");
});

test("faults are for the requests that they name, after those that are to pass", () => {
  const faults = new Faults();
  const targets = {
    expireTokens: () => undefined,
    loseAgent: () => undefined,
    spoilTasks: () => undefined,
  };
  const ask = (body: unknown) =>
    faults.answer(targets, {
      method: "POST",
      path: "/requests",
      query: new URLSearchParams(),
      headers: {},
      remoteAddress: "",
      body: JSON.stringify(body),
    });
  ask({ kind: "unauthorized", path: "^/package/", method: "POST", skip: 1, times: 2 });
  const taken = ["GET", "POST", "POST", "POST", "POST"].map(
    (method) => faults.take(method, "/package/list")?.kind,
  );
  expect(taken).toEqual([undefined, undefined, "unauthorized", "unauthorized", undefined]);
  expect(faults.take("POST", "/mesos/state")).toBeUndefined();
  expect(() => ask({ kind: "other" })).toThrow("HTTP 400");
});

test("the master's configuration of Admin Router is checked", () => {
  const listen = { address: "127.0.0.1", port: 1 };
  const file = join(folder, "master.json");
  const read = (more: unknown) => {
    const base = { marathon: listen, mesos: listen, stateDir: "/x" };
    writeFileSync(file, JSON.stringify({ ...base, ...Object(more) }));
    return readMasterConfig(file);
  };
  const auth = { users: { admin: { passwordHash: "scrypt:a:b" } }, challenge: "acsjwt" };
  const adminRouter = { ...listen, auth, tls: { cert: "/c", key: "/k" }, version: "1.13.9" };
  expect(read({ adminRouter, faults: listen })).toMatchObject({ adminRouter, faults: listen });
  expect(() => read({ adminRouter: { port: 1 } })).toThrow("adminRouter is");
  expect(() => read({ adminRouter: { ...listen, tls: true } })).toThrow("expected tls as");
  expect(() => read({ adminRouter: { ...listen, auth: { users: [] } } })).toThrow(
    "expected auth as",
  );
});
