/** What the client sends to Cosmos, Admin Router and the login, and takes from them, held to their sources. */
import { z } from "zod";
import { CosmosClient } from "../../../components/dcos/api/cosmos";
import { CosmosError } from "../../../components/dcos/api/cosmos-errors";
import { MarathonClient } from "../../../components/dcos/api/marathon";
import { AccessRefused, DcosSession, Unreachable } from "../../../components/dcos/api/session";
import { cosmosCalls, deployPlan } from "../../../components/dcos/api/shapes";
import { adminRouterCases, adminRouterPage, loginCases } from "../../helpers/admin-router-cases";
import { RecordingServer } from "../../helpers/recording-server";
import { describeWithShared, sharedText } from "../../helpers/shared";

const server = new RecordingServer();
const options = { say: () => undefined, patienceMs: 0 };
let session: DcosSession;
let cosmos: CosmosClient;

beforeAll(async () => {
  await server.start();
  session = new DcosSession({ url: server.url }, options);
  cosmos = new CosmosClient(session);
});
afterAll(() => server.stop());
beforeEach(() => server.requests.splice(0));

const read = (...path: readonly string[]): unknown =>
  JSON.parse(sharedText("dcos-conformance", ...path));
const operations = z.object({
  operations: z.record(
    z.string(),
    z.object({ request: z.string(), responses: z.array(z.string()) }),
  ),
});
const messages = z.record(z.string(), z.unknown());

type Shape = Readonly<Record<string, unknown>>;
const isShape = (value: unknown): value is Shape =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a body by a message of the folder. */
function problems(shape: unknown, body: unknown): readonly string[] {
  if (!isShape(shape) || !isShape(body)) return ["no message"];
  const names = Object.keys(shape).map((name) => name.replace(/\?$/, ""));
  const unknown = Object.keys(body).filter((name) => !names.includes(name));
  const missing = Object.keys(shape).filter((name) => !name.endsWith("?") && !(name in body));
  const wrong = Object.entries(body).filter(([name, value]) => {
    const type = shape[name] ?? shape[`${name}?`];
    const found = Array.isArray(value) ? "array" : typeof value;
    return typeof type === "string" && type !== found;
  });
  return [
    ...unknown.map((name) => `unknown ${name}`),
    ...missing.map((name) => `missing ${name}`),
    ...wrong.map(([name]) => `wrong type of ${name}`),
  ];
}

/** The least, or the most, that a message may have. */
function sample(shape: unknown, how: "least" | "most"): unknown {
  if (Array.isArray(shape)) return shape.map((one) => sample(one, how));
  if (!isShape(shape)) {
    const values: Shape = { string: "x", object: {}, array: [], boolean: true };
    return values[String(shape)];
  }
  return Object.fromEntries(
    Object.entries(shape)
      .filter(([name]) => how === "most" || !name.endsWith("?"))
      .map(([name, one]) => [name.replace(/\?$/, ""), sample(one, how)]),
  );
}

/** Each call of the client, and the messages it is made of. */
const calls: readonly [string, () => Promise<unknown>, string, string][] = [
  ["/package/describe", () => cosmos.describe("p", "1"), "DescribeRequest", "DescribeResponse"],
  [
    "/package/render",
    () => cosmos.render({ packageName: "p", packageVersion: "1", options: {}, appId: "/p" }),
    "RenderRequest",
    "RenderResponse",
  ],
  [
    "/package/install",
    () => cosmos.install({ packageName: "p", packageVersion: "1", options: {}, appId: "/p" }),
    "InstallRequest",
    "InstallResponse v2",
  ],
  [
    "/package/list",
    () => cosmos.list({ packageName: "p", appId: "/p" }),
    "ListRequest",
    "ListResponse",
  ],
  [
    "/package/uninstall",
    () => cosmos.uninstall("p", "/p"),
    "UninstallRequest",
    "UninstallResponse",
  ],
  [
    "/cosmos/service/describe",
    () => cosmos.describeService("/p"),
    "ServiceDescribeRequest",
    "ServiceDescribeResponse",
  ],
  [
    "/cosmos/service/update",
    () => cosmos.updateService({ appId: "/p", packageVersion: "1", options: {}, replace: true }),
    "ServiceUpdateRequest",
    "ServiceUpdateResponse",
  ],
];

describeWithShared("dcos-conformance/cosmos", "Cosmos", () => {
  const types = operations.parse(read("cosmos", "media-types.json")).operations;
  const known = messages.parse(read("cosmos", "messages.json"));
  const definition = messages.parse(
    read("universe", "repo", "packages", "M", "marathon", "301", "package.json"),
  );

  test("every operation of the client is one of Cosmos', with its versioned types", () => {
    for (const { path, contentType, accept } of Object.values(cosmosCalls)) {
      expect([path, contentType]).toEqual([path, types[path]?.request]);
      expect(types[path]?.responses).toContain(accept);
    }
  });

  test.each(calls)(
    "%s: the request is Cosmos' message, and the client takes the answer",
    async (path, call, request, reply) => {
      for (const how of ["least", "most"] as const) {
        const answer = sample(known[reply], how);
        const whole = isShape(answer) ? answer : {};
        server.answer = () => ({
          status: 200,
          body: {
            ...whole,
            ...("package" in whole || reply === "DescribeResponse" ? { package: definition } : {}),
            ...("marathonJson" in whole ? { marathonJson: { id: "p" } } : {}),
          },
        });
        await call();
      }
      const [recorded] = server.requests;
      expect(recorded).toMatchObject({ method: "POST", path });
      expect(recorded?.headers["content-type"]).toBe(types[path]?.request);
      expect(types[path]?.responses).toContain(recorded?.headers.accept);
      expect(problems(known[request], recorded?.body)).toEqual([]);
      expect(problems(known[request], { replaced: true })).not.toEqual([]);
    },
  );

  const { errors, serviceUpdate } = z
    .object({
      serviceUpdate: z.string(),
      errors: z.array(
        z.object({
          type: z.string(),
          status: z.number(),
          message: z.string().nullable(),
          data: messages.optional(),
        }),
      ),
    })
    .parse(read("cosmos", "errors.json"));
  const errorType = "application/vnd.dcos.package.error+json;charset=utf-8;version=v1";

  test.each(errors)("the error $type ($status) is told as Cosmos gives it", async (error) => {
    const { type, status, message, data } = error;
    const body = { type, message: message ?? "so it is", ...(data === undefined ? {} : { data }) };
    server.answer = () => ({ status, body, type: errorType });
    const failed = cosmos.install({ packageName: "x" });
    const away = status === 502 || type === "ServiceUnavailable";
    const refused = status === 401 || status === 403;
    await expect(failed).rejects.toThrow(
      away ? Unreachable : refused ? AccessRefused : CosmosError,
    );
    // Through a page for people, or quoted, the words are there.
    await expect(failed).rejects.toThrow(
      refused || away ? type : `HTTP ${status} ${type}: ${body.message}`,
    );
  });

  test("options that a package without a schema was given are told as such", async () => {
    server.answer = () => ({
      status: 400,
      body: {
        type: "OptionsNotAllowed",
        message: "No schema available to validate the provided options",
      },
      type: errorType,
    });
    await expect(cosmos.install({ packageName: "x", options: { a: 1 } })).rejects.toThrow(
      `POST ${server.url}/package/install: HTTP 400 OptionsNotAllowed: No schema available to validate the provided options; the package has no options; leave them out`,
    );
  });

  test("Marathon's refusal of an installation comes with its places", async () => {
    const bad = errors.find(({ type }) => type === "MarathonBadResponse");
    server.answer = () => ({ status: 400, body: bad, type: errorType });
    await expect(cosmos.install({ packageName: "x" })).rejects.toThrow(
      "HTTP 400 MarathonBadResponse: Object is not valid: /x ...",
    );
  });

  test("Marathon's refusal of an update, which Cosmos passes on as a text, is read", async () => {
    expect(serviceUpdate).toContain("HTTP 500");
    const marathon = {
      message: "Object is not valid",
      details: [{ path: "/cpus", errors: ["must be greater than or equal to 0.0"] }],
    };
    const body = { type: "unhandled_exception", message: JSON.stringify(marathon) };
    server.answer = () => ({ status: 500, body, type: errorType });
    await expect(cosmos.updateService({ appId: "/p", replace: true })).rejects.toThrow(
      `POST ${server.url}/cosmos/service/update: HTTP 500 unhandled_exception: Marathon refused: Object is not valid: /cpus must be greater than or equal to 0.0`,
    );
  });
});

describeWithShared("dcos-conformance/adminrouter", "Admin Router", () => {
  const { cases } = adminRouterCases();

  test.each(cases)("$status, $when: is an answer that the client explains", async (one) => {
    const { status, contentType = "text/html", headers = {}, bodyFile, location } = one;
    const text = bodyFile === undefined ? (one.body ?? "") : adminRouterPage(bodyFile);
    const more = location === undefined ? headers : { ...headers, Location: location };
    server.answer = () => ({ status, body: text, type: contentType, headers: more });
    const client = new MarathonClient(session, "/service/x");
    const failed = client.apps();
    const expected: Readonly<Record<number, string>> = {
      301: "HTTP 301",
      307: "HTTP 307",
      401: "HTTP 401: Unauthorized Unauthorized; this cluster asks for a token",
      403: "HTTP 403: Access Denied Access Denied; the owner of the token may not do this",
      404: "HTTP 404: 404 Not Found: service not found.",
      502: "gave up after 0 s: HTTP 502",
      503: `gave up after 0 s: HTTP 503: ${text.trim()}`,
    };
    await expect(failed).rejects.toThrow(expected[status] ?? "no case");
  });
});

describeWithShared("dcos-conformance/iam", "logins", () => {
  const { bouncer, "dcos-oauth": oauth } = loginCases();
  const login = { uid: "u", password: "p" };

  test.each([
    ...bouncer.map((item) => ({ by: "bouncer", ...item })),
    ...oauth.map((item) => ({ by: "dcos-oauth", ...item })),
  ])(
    "$by answers $request with $status: taken, or explained",
    async ({ by, status, reply, replyText }) => {
      server.answer = ({ path }) =>
        path === "/acs/api/v1/auth/login"
          ? { status, body: replyText ?? reply ?? "" }
          : { status: 200, body: [] };
      const asked = new MarathonClient(
        new DcosSession({ url: server.url, login }, options),
        "/service/marathon",
      ).deployments();
      if (status === 200) {
        await asked;
        expect(server.requests[1]?.headers.authorization).toBe("token=<jwt>");
      } else if (by === "dcos-oauth")
        await expect(asked).rejects.toThrow(
          "open DC/OS up to 1.12 has neither users with passwords",
        );
      else
        await expect(asked).rejects.toThrow(
          status === 401
            ? "the login of u was refused; check the uid and its password"
            : "HTTP 400",
        );
      // The request is one that bouncer understands.
      expect(server.requests[0]?.body).toEqual(bouncer[0] && login);
      expect(Object.keys(bouncer[0]?.request ?? {})).toEqual(["uid", "password"]);
    },
  );
});

describeWithShared("dcos-conformance/etcd", "plans of the SDK", () => {
  test("a plan is read whatever its status", () => {
    const { cases } = z
      .object({ cases: z.array(z.looseObject({ status: z.number() })) })
      .parse(read("etcd", "plan-cases.json"));
    expect(cases.map(({ status }) => status)).toEqual([200, 202, 417]);
    for (const status of ["COMPLETE", "IN_PROGRESS", "ERROR"])
      expect(
        deployPlan.parse({ phases: [], errors: ["e"], strategy: "serial", status }).status,
      ).toBe(status);
  });
});
