import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dcosAccess } from "../../../components/dcos/api/access";
import { loginBody } from "../../../components/dcos/api/login";
import { MarathonClient, rootMarathon } from "../../../components/dcos/api/marathon";
import { frameworks } from "../../../components/dcos/api/mesos";
import {
  AccessRefused,
  DcosSession,
  TlsMismatch,
  Unreachable,
} from "../../../components/dcos/api/session";
import { asksForToken } from "../../../components/dcos/api/system";
import type { Pki } from "../../../lab/contract";
import { makePki } from "../../../lab/hosts/pki";
import { FakeDcos } from "../../helpers/fake-dcos";
import { unknownService } from "../../helpers/fake-dcos-replies";

const cluster = new FakeDcos();
const said: string[] = [];
const say = (message: string) => void said.push(message);
const mesos = { method: "GET", path: "/mesos/state" };

beforeAll(() => cluster.start());
afterAll(() => cluster.stop());
beforeEach(() => {
  cluster.faults.length = 0;
  cluster.requests.length = 0;
  cluster.tokens = undefined;
  cluster.passwords = {};
  said.length = 0;
});

function session(access: object = {}, options: object = {}): DcosSession {
  return new DcosSession({ url: cluster.url, ...access }, { say, patienceMs: 50, ...options });
}

describe("who asks", () => {
  test("a cluster without authentication is asked without a token", async () => {
    expect((await session().send(mesos)).status).toBe(200);
    expect(cluster.requests).toEqual(["GET /mesos/state"]);
  });

  test("a user logs in once, and again when the token has run out on the way", async () => {
    cluster.passwords = { ops: "sesame" };
    cluster.tokens = new Set();
    const one = session({ login: { uid: "ops", password: "sesame" } });
    await one.send(mesos);
    await one.send(mesos);
    cluster.tokens.clear();
    const both = await Promise.all([one.send(mesos), one.send(mesos)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const login = "POST /acs/api/v1/auth/login";
    expect(cluster.requests.filter((what) => what === login)).toHaveLength(2);
  });

  test("a service account proves itself with its key", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    cluster.publicKeys = { robot: publicKey };
    cluster.tokens = new Set();
    expect((await session({ login: { uid: "robot", privateKey } }).send(mesos)).status).toBe(200);
    const { token = "" } = loginBody({ uid: "robot", privateKey }, 1_000_000);
    const [header = "", payload = ""] = token.split(".");
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    expect([read(header), read(payload)]).toEqual([
      { alg: "RS256", typ: "JWT" },
      { uid: "robot", exp: 1300 },
    ]);
  });

  test("a key of another kind is refused before anything is asked", () => {
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    expect(() => loginBody({ uid: "robot", privateKey })).toThrow(
      "login of robot: found a privateKey of type ec; allowed: the PEM text of an RSA private key",
    );
    expect(() => loginBody({ uid: "robot", privateKey: "secret words" })).toThrow(
      "login of robot: the privateKey cannot be read as a private key; allowed: the PEM text of an RSA private key",
    );
  });

  test("a given token that has run out gives way to the login", async () => {
    cluster.passwords = { ops: "sesame" };
    cluster.tokens = new Set();
    const one = session({ token: "old", login: { uid: "ops", password: "sesame" } });
    expect((await one.send(mesos)).status).toBe(200);
  });

  test("pages for people are understood: 401 and 403 say what to do", async () => {
    cluster.tokens = new Set(["good"]);
    await expect(session({ token: "bad" }).send(mesos)).rejects.toThrow(
      `GET ${cluster.url}/mesos/state: HTTP 401: 401 Unauthorized; the token has run out or is of another cluster; give a new one (dcos auth login; dcos config show core.dcos_acs_token), or a login that renews it`,
    );
    await expect(session().send(mesos)).rejects.toThrow("this cluster asks for a token");
    const body = "<html><head><style>a{}</style></head><body>Forbidden</body></html>";
    cluster.faults.push({ on: "GET /mesos", answer: { status: 403, body, type: "text/html" } });
    const refused = session({ token: "good" }).send(mesos);
    await expect(refused).rejects.toThrow(AccessRefused);
    await expect(refused).rejects.toThrow(
      "HTTP 403: Forbidden; the owner of the token may not do this; grant it the permission for this path",
    );
  });

  test.each([
    ["parsing", 400],
    ["verification", 401],
  ])("the login of open DC/OS up to 1.12 takes only tokens (%s)", async (step, status) => {
    const body = `JWT ${step} failed`;
    cluster.faults.push({ on: "POST", answer: { status, body, type: "text/plain" } });
    const failed = session({ login: { uid: "ops", password: "sesame" } }).send(mesos);
    await expect(failed).rejects.toThrow(AccessRefused);
    await expect(failed).rejects.toThrow(
      `POST ${cluster.url}/acs/api/v1/auth/login: HTTP ${status}: the login of ops was refused: JWT ${step} failed; open DC/OS up to 1.12 has neither users with passwords nor service accounts: give a token (dcos auth login; dcos config show core.dcos_acs_token)`,
    );
  });

  test("a cluster that asks for a token is told from one that does not", async () => {
    expect(await asksForToken(session())).toBe(false);
    cluster.tokens = new Set(["good"]);
    expect(await asksForToken(session({ token: "good" }))).toBe(true);
  });

  test("what is not the answer of a login is not told, for it may have a token in it", async () => {
    const body = '{"access_token": "sesame-open"}';
    cluster.faults.push({ on: "POST", answer: { status: 200, body, type: "application/json" } });
    const failed = session({ login: { uid: "ops", password: "sesame" } }).send(mesos);
    await expect(failed).rejects.toThrow(
      `POST ${cluster.url}/acs/api/v1/auth/login: HTTP 200, but not an answer of DC/OS's login (the whole: Invalid input: expected object, received undefined): (not shown); url has to be the cluster's own, for instance https://dcos.example.com`,
    );
  });

  test("a refused login is not tried again, and does not tell the password", async () => {
    cluster.tokens = new Set();
    const failed = session({ login: { uid: "ops", password: "wrong-one" } }).send(mesos);
    await expect(failed).rejects.toThrow(
      `POST ${cluster.url}/acs/api/v1/auth/login: HTTP 401: the login of ops was refused; check the uid and its password (users of an identity provider have no such login: give a token)`,
    );
    expect(cluster.requests).toEqual(["POST /acs/api/v1/auth/login"]);
  });

  test.each([
    ["dcos.example.com", 'found "dcos.example.com", which is no URL; allowed:'],
    ["https://d.example.com/service/marathon", "found the path /service/marathon, which belongs"],
    ["ftp://d.example.com", "found the protocol ftp:; allowed:"],
    [
      "https://me:it@d.example.com",
      "found a user in the URL; uid and a secret say who logs in; allowed:",
    ],
  ])("the URL %s is refused", (url, message) => {
    expect(dcosAccess.safeParse({ url }).error?.issues[0]?.message).toContain(message);
  });

  test("a login needs one proof", () => {
    const access = {
      url: "https://d.example.com",
      login: { uid: "a", password: "b", privateKey: "c" },
    };
    expect(dcosAccess.safeParse(access).error?.issues[0]?.message).toBe(
      "needs either a password or a privateKey, not both",
    );
  });
});

describe("a server that is away", () => {
  test("is asked again", async () => {
    cluster.faults.push({ on: "GET", times: 1, answer: { status: 503, body: "no leader" } });
    const answer = await session({}, { patienceMs: 5_000 }).send(mesos);
    expect([answer.status, answer.tries]).toEqual([200, 2]);
  });

  test.each([502, 503, 504])("with %s is named in the end", async (status) => {
    cluster.faults.push({ on: "GET", answer: { status, body: "<h1>Bad</h1>", type: "text/html" } });
    const failed = session().send(mesos);
    await expect(failed).rejects.toThrow(Unreachable);
    await expect(failed).rejects.toThrow(
      `GET ${cluster.url}/mesos/state: gave up after 0 s: HTTP ${status}: Bad`,
    );
  });

  test("500 is an answer", async () => {
    cluster.faults.push({ on: "GET", answer: { status: 500, body: "oops" } });
    await expect(frameworks(session())).rejects.toThrow(
      `GET ${cluster.url}/mesos/state: HTTP 500: oops`,
    );
  });

  test("an answer that is cut off is asked for again", async () => {
    cluster.faults.push({ on: "GET", times: 1, answer: "cut off" });
    expect(await frameworks(session({}, { patienceMs: 5_000 }))).toEqual([]);
    cluster.faults.push({ on: "GET", answer: "cut off" });
    await expect(frameworks(session())).rejects.toThrow(/the answer was cut off after \d+ bytes/);
    cluster.faults.splice(0, 2, { on: "GET", answer: "half" });
    await expect(frameworks(session())).rejects.toThrow(
      "HTTP 200, but only a part of the answer's JSON came",
    );
  });

  test("one that hangs is given up, and named while it is waited for", async () => {
    cluster.faults.push({ on: "GET", answer: "hang" });
    const failed = session({}, { timeoutMs: 100 }).send(mesos);
    await expect(failed).rejects.toThrow("gave up after 0 s: no answer within 0 s");
  });

  test("a connection that is refused is named", async () => {
    const gone = await new FakeDcos().start();
    await gone.stop();
    const failed = session({ url: gone.url }).send(mesos);
    await expect(failed).rejects.toThrow(
      /gave up after 0 s: .*connect ECONNREFUSED 127\.0\.0\.1:\d+/,
    );
  });

  test("an interruption ends the wait", async () => {
    cluster.faults.push({ on: "GET", answer: "hang" });
    const own = new AbortController();
    const running = session({}, { signal: own.signal }).send(mesos);
    own.abort(new Error("interrupted"));
    await expect(running).rejects.toThrow("interrupted");
  });
});

describe("Marathon", () => {
  const client = () => new MarathonClient(session(), rootMarathon);

  test("tells a lock from an app that exists", async () => {
    const locked = {
      message: "App is locked by one or more deployments. Override with the option '?force=true'.",
      deployments: [{ id: "d1" }],
    };
    cluster.faults.push({
      on: "PUT",
      times: 1,
      answer: { status: 409, body: JSON.stringify(locked) },
    });
    expect(await client().putApp({ id: "/x" }, false)).toEqual({ lockedBy: ["d1"] });
    const exists = { message: "An app with id [/x] already exists." };
    cluster.faults.push({ on: "PUT", answer: { status: 409, body: JSON.stringify(exists) } });
    await expect(client().putApp({ id: "/x" }, false)).rejects.toThrow(
      'HTTP 409: {"message":"An app with id [/x] already exists."}',
    );
  });

  test("is waited for while Admin Router does not know it yet, which says so in no page", async () => {
    const { status, body, type } = unknownService;
    const answer = { status, body: String(body), type: type ?? "" };
    cluster.faults.push({ on: "GET", times: 1, answer });
    const patient = new MarathonClient(session({}, { patienceMs: 5_000 }), rootMarathon);
    expect(await patient.deployments()).toEqual([]);
    // In the end it is away, and no app of it is there.
    cluster.faults.push({ on: "GET", answer }, { on: "DELETE", answer });
    await expect(client().app("/x")).rejects.toThrow(
      "gave up after 0 s: HTTP 404: 404 Not Found: service not found.",
    );
    expect(await client().deleteApp("/x", true)).toBeUndefined();
  });

  test("is recognised by its answers", async () => {
    cluster.faults.push({
      on: "GET",
      answer: { status: 200, body: "<p>Welcome", type: "text/html" },
    });
    await expect(client().deployments()).rejects.toThrow(
      `GET ${cluster.url}/service/marathon/v2/deployments: HTTP 200, but not an answer of Marathon's: Welcome; the URL has to be Marathon's own, by Admin Router https://<cluster>/service/marathon`,
    );
  });
});

describe("TLS", () => {
  const secure = new FakeDcos();
  let folder: string;
  let pki: Pki;
  let other: Pki;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "seamless-dcos-tls-"));
    const request = (name: string) => ({ leaf: { commonName: "dcos", names: [name] } });
    pki = await makePki(join(folder, "a"), request("IP:127.0.0.1"));
    other = await makePki(join(folder, "b"), request("DNS:dcos.example.com"));
    await secure.start(keysOf(pki));
  }, 60_000);
  afterAll(async () => {
    await secure.stop();
    rmSync(folder, { recursive: true });
  });

  function keysOf({ leaves }: Pki) {
    return { key: leaves.leaf?.privateKey ?? "", cert: leaves.leaf?.certificate ?? "" };
  }

  test("the cluster's own authority is trusted", async () => {
    const one = session({ url: secure.url, ca: pki.authority });
    expect((await one.send(mesos)).status).toBe(200);
  });

  test("another authority, and none, are told apart from a server that is away", async () => {
    const failed = session({ url: secure.url, ca: other.authority }).send(mesos);
    await expect(failed).rejects.toThrow(TlsMismatch);
    await expect(failed).rejects.toThrow(
      /mesos\/state: the certificate is for IP Address:127\.0\.0\.1, issued by CN=seamless-lab, valid from .* to .* \((UNABLE_TO|CERT_SIGNATURE)\w+\); expected one issued by CN=seamless-lab, which is the given ca; give the cluster's own/,
    );
    await expect(session({ url: secure.url }).send(mesos)).rejects.toThrow(
      "expected one issued by an authority that Node.js knows; give the cluster's own as ca",
    );
  });

  test("the certificate that open DC/OS comes with is recognised", async () => {
    const request = { leaf: { commonName: "*.snakeoil.mesosphere.com", names: ["DNS:x"] } };
    const snakeoil = await makePki(join(folder, "c"), request);
    const open = await new FakeDcos().start(keysOf(snakeoil));
    await expect(session({ url: open.url }).send(mesos)).rejects.toThrow(
      /the certificate is for DNS:x, .*; open DC\/OS comes with this certificate, which names no host and ended in 2025, so nothing can trust it; use http:\/\/ in the URL, or give Admin Router a certificate of your own and its authority as ca/,
    );
    await open.stop();
  });

  test("a certificate for another name is named", async () => {
    const misnamed = await new FakeDcos().start(keysOf(other));
    const failed = session({ url: misnamed.url, ca: other.authority }).send(mesos);
    await expect(failed).rejects.toThrow(
      /the certificate is for DNS:dcos\.example\.com, issued by CN=seamless-lab, .*; expected one for 127\.0\.0\.1; use one of its names in the URL/,
    );
    await misnamed.stop();
  });

  test("a server without TLS is recognised", async () => {
    const url = cluster.url.replace("http:", "https:");
    await expect(session({ url }).send(mesos)).rejects.toThrow(
      /the server at 127\.0\.0\.1:\d+ does not speak TLS as expected \((EPROTO|ERR_SSL_\w+)\); if it serves plain HTTP, the URL has to begin with http:\/\//,
    );
  });
});
