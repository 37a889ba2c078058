import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { excerpt } from "../../../components/dcos/api/session";
import type { RunningServer } from "../../../standins/common/http";
import { startAdminRouter } from "../../../standins/dcos/admin-router";
import { Cosmos } from "../../../standins/dcos/cosmos/cosmos";
import { Auth, hashPassword } from "../../../standins/dcos/router/auth";
import { cacheSeconds, Services } from "../../../standins/dcos/router/services";
import { adminRouterCases, adminRouterPage, loginCases } from "../../helpers/admin-router-cases";
import { RecordingServer } from "../../helpers/recording-server";
import { describeWithShared } from "../../helpers/shared";

const folder = mkdtempSync(join(tmpdir(), "seamless-admin-router-"));
const marathon = new RecordingServer();
const labels = {
  DCOS_SERVICE_NAME: "gone",
  DCOS_SERVICE_SCHEME: "http",
  DCOS_SERVICE_PORT_INDEX: "0",
};
/** Where nobody listens. */
const tasks = [{ state: "TASK_RUNNING", host: "127.0.0.1", ports: [1] }];

const users = {
  ops: { passwordHash: hashPassword("sesame") },
  guest: { passwordHash: hashPassword("sesame"), forbidden: true },
};
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await marathon.start();
});
/** Marathon and Mesos, which the same server plays, know one service; where they are said to be away, they answer nothing of use. */
beforeEach(() => {
  serve();
  // It says of each look that fails.
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());
function serve(...away: readonly string[]): void {
  marathon.answer = ({ path }) =>
    away.some((one) => path.startsWith(one))
      ? { status: 500, body: {} }
      : { status: 200, body: { apps: [{ labels, tasks }], frameworks: [] } };
}

afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  await marathon.stop();
  rmSync(folder, { recursive: true });
});

/** Admin Router in front of that Marathon. */
async function router(challenge?: "acsjwt", pollSeconds = 60) {
  const { url } = marathon;
  const services = new Services({ marathonUrl: url, mesosUrl: url }, pollSeconds);
  services.start();
  const auth = new Auth(
    { users, ...(challenge === undefined ? {} : { challenge }) },
    join(folder, `${challenge}.json`),
    Date.now,
  );
  const cosmos = new Cosmos({ marathonUrl: url, mesosUrl: url, stateDir: folder });
  const parts = { marathonUrl: url, mesosUrl: url, cosmos, services, auth, faults: undefined };
  const server: RunningServer = await startAdminRouter({ address: "127.0.0.1", port: 0 }, parts);
  closers.push(() => {
    services.stop();
    return server.close();
  });
  const base = `http://127.0.0.1:${server.port}`;
  return { base, token: (uid: string) => login(base, { uid, password: "sesame" }) };
}

async function login(base: string, body: object): Promise<string> {
  const response = await post(base, body);
  const { token } = z.object({ token: z.string() }).parse(await response.json());
  return token;
}

function post(base: string, body: object): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return fetch(`${base}/acs/api/v1/auth/login`, init);
}

describeWithShared(
  "dcos-conformance/adminrouter",
  "the stand-in's Admin Router answers as DC/OS'",
  () => {
    const { cases, cacheSeconds: there, tokenForms } = adminRouterCases();

    test.each(cases)(
      "$when",
      async ({ when, status, contentType, headers, body, bodyFile, location }) => {
        const enterprise = when.includes("Enterprise");
        if (when === "the cache of Marathon is not there") serve("/v2/apps");
        if (when === "the cache of Mesos is not there") serve("/master/state-summary");
        const { base, token } = await router(enterprise ? "acsjwt" : undefined);
        const user = when.startsWith("no token")
          ? undefined
          : await token(when.startsWith("a token without") ? "guest" : "ops");
        const path = when.startsWith("GET /marathon")
          ? "/marathon"
          : when.includes("without a slash")
            ? "/service/gone"
            : when.startsWith("what is behind")
              ? "/service/gone/"
              : "/service/other/";
        const authorization = user === undefined ? {} : { Authorization: `token=${user}` };
        const response = await fetch(`${base}${path}`, {
          headers: authorization,
          redirect: "manual",
        });
        const text = await response.text();
        expect(response.status).toBe(status);
        if (contentType !== undefined)
          expect(response.headers.get("content-type")).toBe(contentType);
        for (const [name, value] of Object.entries(headers ?? {}))
          expect(response.headers.get(name)).toBe(value);
        if (body !== undefined) expect(text).toBe(body);
        if (location !== undefined)
          expect(response.headers.get("location")).toBe(location.replace("<name>", "gone"));
        // What a person reads of the page; the page itself is not ours.
        if (bodyFile !== undefined) expect(excerpt(text)).toBe(excerpt(adminRouterPage(bodyFile)));
      },
    );

    test("what is known of services is kept as long as there", () => {
      expect(there).toMatchObject(cacheSeconds);
    });

    test.each(tokenForms)("a token comes in by %s", async (form) => {
      const { base, token } = await router();
      const [name = "", value = ""] = form.replace("<jwt>", await token("ops")).split(": ");
      const { status } = await fetch(`${base}/marathon/v2/apps`, { headers: { [name]: value } });
      expect(status).toBe(200);
    });
  },
);

describeWithShared("dcos-conformance/iam", "the stand-in's login answers as bouncer does", () => {
  const { bouncer } = loginCases();
  // Service accounts are tried with real keys elsewhere; the lab has no identity provider.
  const people = bouncer.filter(({ request }) => request.uid === "u");

  test.each(people)(
    "$request is answered with $status",
    async ({ request, status, reply, headers }) => {
      const { base } = await router();
      const known = { ...request, uid: "ops" };
      const right = request.password === "p" ? { ...known, password: "sesame" } : known;
      const response = await post(base, right);
      expect(response.status).toBe(status);
      for (const [name, value] of Object.entries(headers ?? {}))
        expect(response.headers.get(name)).toBe(value);
      const answer = z.record(z.string(), z.unknown()).parse(await response.json());
      if (status === 401) expect(answer).toMatchObject(z.looseObject({}).parse(reply ?? {}));
      if (status === 200)
        expect(response.headers.getSetCookie().map((one) => one.split("=")[0])).toEqual([
          "dcos-acs-auth-cookie",
          "dcos-acs-info-cookie",
        ]);
    },
  );
});
