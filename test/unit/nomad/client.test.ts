import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { NomadClient } from "../../../components/nomad/api/client";
import { nodeStubs } from "../../../components/nomad/api/shapes";
import { deleteJob, runJob } from "../../../components/nomad/run-job";
import { messageOf } from "../../../util/errors";

let server: Server;
let answers: Record<string, readonly [status: number, body: unknown]> = {};
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const { [`${request.method} ${request.url}`]: answer } = answers;
    asked.push(`${request.method} ${request.url} ${request.headers["x-nomad-token"] ?? "-"}`);
    const [status, body] = answer ?? ([404, "not found"] as const);
    response.writeHead(status);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());
beforeEach(() => asked.splice(0));

function url(): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}
const client = (token?: string) =>
  new NomadClient({ url: `${url()}/`, ...(token === undefined ? {} : { token }) });
const nodes = (of = client()) => of.get("/v1/nodes", nodeStubs).then(() => "read", messageOf);

test("the token goes in a header, and into no message", async () => {
  answers = { "GET /v1/nodes": [403, "Permission denied"] };
  expect(await nodes(client("s3cret"))).toBe(
    `GET ${url()}/v1/nodes: HTTP 403: Permission denied; the token may not do that: its policy needs node read, agent read, and read-job, list-jobs and submit-job in the namespace default`,
  );
  expect(asked).toEqual(["GET /v1/nodes s3cret"]);
});

test.each<[string, readonly [number, unknown], string]>([
  ["a server error", [500, "No cluster leader\n"], "HTTP 500: No cluster leader"],
  [
    "plain HTTP where TLS is spoken",
    [400, "Client sent an HTTP request to an HTTPS server.\n"],
    "HTTP 400: Client sent an HTTP request to an HTTPS server.; access.url has to begin with https://",
  ],
  [
    "a page of somebody else's",
    [200, "<html>login</html>"],
    'expected JSON of Nomad\'s API, found "<html>login</html>"; is access.url that of a Nomad server?',
  ],
  [
    "another API",
    [200, [{ id: 1 }]],
    "not the answer of a Nomad server: 0.ID: Invalid input: expected string, received undefined; 0.Name: Invalid input: expected string, received undefined; 0.Status: Invalid input: expected string, received undefined",
  ],
])("says what came: %s", async (_, answer, text) => {
  answers = { "GET /v1/nodes": answer };
  expect(await nodes()).toBe(`GET ${url()}/v1/nodes: ${text}`);
});

test("an empty list is null, as Go writes it", async () => {
  answers = { "GET /v1/nodes": [200, null] };
  expect(await client().get("/v1/nodes", nodeStubs)).toEqual([]);
});

const options = { timeoutMs: 50, say: () => undefined };

test("a job that does not run is told with the scheduler's reasons and those of allocations", async () => {
  answers = {
    "PUT /v1/jobs": [200, { EvalID: "e1", JobModifyIndex: 7 }],
    "GET /v1/job/web": [200, { ID: "web", Version: 2 }],
    "GET /v1/evaluation/e1": [
      200,
      {
        FailedTGAllocs: {
          web: { NodesEvaluated: 3, ConstraintFiltered: { "missing network": 2 } },
        },
      },
    ],
    "GET /v1/job/web/allocations": [
      200,
      [
        {
          ...{ ID: "a1", Name: "web.web[0]", NodeID: "n1", JobID: "web", JobVersion: 2 },
          ...{ DesiredStatus: "run", ClientStatus: "failed" },
          TaskStates: { web: { Events: [{ Type: "Setup Failure", DisplayMessage: "no plugin" }] } },
        },
      ],
    ],
  };
  const said = await runJob(client(), { ID: "web" }, 2, options).then(JSON.stringify, messageOf);
  expect(said).toMatch(
    /^job web: not running after \S+ s: 0 of 2 allocations run; 2 nodes left out for missing network; no plugin$/,
  );
});

test("ending a job that is not there does nothing", async () => {
  answers = {};
  await deleteJob(client(), "web", options);
  expect(asked).toEqual(["GET /v1/job/web -"]);
});
