/** What the client sends to Marathon, and takes from it, held to Marathon's own definitions of its API. */
import Ajv from "ajv-draft-04";
import { z } from "zod";
import { explain } from "../../../components/dcos/api/deployment";
import { MarathonClient } from "../../../components/dcos/api/marathon";
import { DcosSession } from "../../../components/dcos/api/session";
import { balancerApp } from "../../../components/dcos/balancer-app";
import { type MarathonApp, probeApp } from "../../../components/dcos/probe-app";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { Marathon } from "../../../standins/dcos/master/marathon";
import { marathonApi } from "../../../standins/dcos/master/marathon-api";
import { Mesos } from "../../../standins/dcos/master/mesos";
import { emptyMesos } from "../../../standins/dcos/master/mesos-state";
import { settle } from "../../../standins/dcos/master/settle";
import { emptyState } from "../../../standins/dcos/master/state";
import { RamlTypes, type Schema, sampleOf } from "../../helpers/raml";
import { RecordingServer } from "../../helpers/recording-server";
import { describeWithShared, sharedText } from "../../helpers/shared";

const releases = ["v1.5.15", "v1.6.567", "v1.7.188", "v1.8.244", "v1.9.109", "v1.11-90619da70"];
const folderOf = (release: string) => `dcos-conformance/marathon/${release}`;

const server = new RecordingServer();
const { requests } = server;
/** By the beginning of `METHOD /path`. */
let answers: Readonly<Record<string, unknown>> = {};
let client: MarathonClient;

beforeAll(async () => {
  await server.start();
  server.answer = ({ method, path }) => {
    const what = `${method} ${path}`;
    const [, body] = Object.entries(answers).find(([key]) => what.startsWith(key)) ?? [];
    return body === undefined
      ? { status: 404, body: { message: "App '/x' does not exist" } }
      : { status: 200, body };
  };
  const options = { say: () => undefined, patienceMs: 0 };
  client = new MarathonClient(new DcosSession({ url: server.url }, options), "");
});
afterAll(() => server.stop());
beforeEach(() => requests.splice(0));

const { network, reflectors } = readStackConfig("Pulumi.lab.yaml");

/** Every app that is ever made of the configuration. */
function ownApps(): readonly MarathonApp[] {
  const dcos = {
    kind: "dcos",
    podCidr: "192.168.128.0/17",
    policy: "open",
    loadBalancerCidr: "10.98.0.0/24",
    access: { url: "https://dcos.example.com", etcd: ["http://10.0.0.1:2379"] },
    packages: { "marathon-lb": {} },
    nodes: {
      "agent-1": { address: "172.16.18.43" },
      "public-1": { address: "172.16.18.45", role: "public" },
    },
  };
  const plan = makePlan(parseConfig({ network, reflectors, coes: { dcos } }));
  const coe = plan.coes.dcos;
  const balancer = coe === undefined ? undefined : balancerApp(coe);
  if (balancer === undefined) throw new Error("no app for the load balancers");
  const image = "nginx:1.27";
  return [
    probeApp(plan, "dcos", { instances: 2, image }, "external"),
    probeApp(plan, "dcos", { instances: 2, image, form: "ipAddress" }, "external"),
    balancer,
  ];
}

/** What a schema has against a value; empty when it is one of it. */
function problems(schema: Schema, value: unknown): readonly string[] {
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
  const validate = ajv.compile(schema);
  validate(value);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}

describeWithShared("dcos-conformance/marathon", "requests", () => {
  /** What the client has sent for an app. */
  async function sent(app: MarathonApp): Promise<unknown> {
    answers = { "PUT /v2/apps/": { deploymentId: "d", version: "v" } };
    await client.putApp(app, false);
    expect(requests).toMatchObject([
      { method: "PUT", path: `/v2/apps/${app.id}?partialUpdate=false&force=false` },
    ]);
    return requests[0]?.body;
  }

  test.each(releases)(
    "apps are apps of the RAML of %s, with no field that it does not name",
    async (release) => {
      const schema = new RamlTypes(folderOf(release)).schema("app.App");
      for (const app of ownApps()) {
        requests.splice(0);
        expect([app.id, problems(schema, await sent(app))]).toEqual([app.id, []]);
      }
      // The schema is not one that takes anything.
      expect(problems(schema, { id: "/x", cmdd: "true" })).toHaveLength(1);
    },
  );

  test.each(releases.slice(0, 3))("apps are valid by the JSON schema of %s", async (release) => {
    const text = sharedText(...folderOf(release).split("/"), "schema", "AppDefinition.json");
    const { $schema: _, ...schema } = JSON.parse(text);
    for (const app of ownApps()) {
      requests.splice(0);
      expect([app.id, problems(schema, await sent(app))]).toEqual([app.id, []]);
    }
  });
});

describeWithShared("dcos-conformance/marathon", "answers", () => {
  test.each(
    releases.flatMap((release) => [[release, "least"] as const, [release, "most"] as const]),
  )("the client takes the %s answers with the %s fields", async (release, how) => {
    // What a release has no definition of, it has in the form of the next one that has.
    const later = releases
      .slice(releases.indexOf(release))
      .map((one) => new RamlTypes(folderOf(one)));
    const sample = (name: string) =>
      sampleOf(later.find((types) => types.has(name))?.schema(name) ?? {}, how);
    const fields = (value: unknown) => (typeof value === "object" && value !== null ? value : {});
    const task = { ...fields(sample("task.Task")), state: "TASK_RUNNING" };
    const app = {
      ...fields(sample("app.App")),
      id: "/x",
      instances: 1,
      ...(how === "most" ? { tasks: [task], lastTaskFailure: sample("task.TaskFailure") } : {}),
    };
    answers = {
      "GET /v2/apps//x": { app },
      "GET /v2/apps": { apps: [app] },
      "GET /v2/queue": { queue: [sample("queue.QueueApp")] },
      "DELETE /v2/apps": sample("deploymentResult.DeploymentResult"),
    };
    expect(await client.app("/x")).toMatchObject({ id: "/x" });
    expect(await client.apps()).toHaveLength(1);
    const queue = await client.queue();
    expect(queue.map(explain)).toHaveLength(1);
    expect(await client.deleteApp("/x", true)).toEqual({ deploymentId: "x", version: "x" });
    answers = {};
    expect(await client.app("/x")).toBeUndefined();
  });
});

describeWithShared("dcos-conformance/marathon", "the stand-in's answers", () => {
  const types = new RamlTypes(folderOf("v1.11-90619da70"));
  const body = z.record(z.string(), z.unknown());

  /** A Marathon with every app of ours, whose tasks run on three agents, or have none. */
  function standIn(agents: readonly string[]) {
    let count = 0;
    const around = { now: () => Date.parse("2026-01-01T00:00:00Z"), newId: () => `${++count}` };
    const role = "slave_public";
    const marathon = new Marathon(emptyState(), { ...around, role, save: () => undefined });
    const save = () => undefined;
    const mesos = new Mesos(emptyMesos(), { ...around, agentTimeoutMs: 75_000, save });
    const call = { name: "marathon", hostname: "m", port: 1, failoverTimeoutSeconds: 60, role };
    const identity = { leader: "m:8080", frameworkName: "marathon", role };
    const ask = (method: string, path: string, query = "", given?: unknown) => {
      const text = given === undefined ? "" : JSON.stringify(given);
      const asked = { method, path, query: new URLSearchParams(query), headers: {}, body: text };
      const reply = marathonApi(marathon, identity, { ...asked, remoteAddress: "" });
      return "body" in reply ? JSON.parse(JSON.stringify(reply.body)) : undefined;
    };
    // The two forms of the probe are one app.
    const apps = [...new Map(ownApps().map((app) => [app.id, app])).values()];
    const results = apps.map((app) => ask("PUT", `/v2/apps/${app.id}`, "", app));
    for (const round of ["TASK_STAGING", "TASK_RUNNING"] as const) {
      for (const name of agents) {
        const tasks = mesos.orders(name).tasks.map(({ id }) => ({
          id,
          state: round,
          ipAddress: "192.168.128.1",
          health: [],
        }));
        const resources = { cpus: 4, mem: 4096 };
        const agentRole = name === "p" ? "public" : "private";
        mesos.report({ name, address: `10.0.0.${name.length}`, role: agentRole, resources, tasks });
      }
      settle(marathon, mesos, call);
    }
    return { ask, results };
  }

  test("apps with their tasks, deployments and results are those of the RAML of 1.11", () => {
    const { ask, results } = standIn(["a", "bb", "p"]);
    for (const result of results)
      expect(problems(types.schema("deploymentResult.DeploymentResult"), result)).toEqual([]);
    const schema = types.schema("app.AppInfo");
    const { apps } = body.parse(ask("GET", "/v2/apps", "embed=apps.tasks"));
    expect(apps).toHaveLength(2);
    for (const app of z.array(body).parse(apps)) {
      expect([app.id, problems(schema, app)]).toEqual([app.id, []]);
      expect(app.tasks).not.toEqual([]);
    }
  });

  test("the queue is that of the RAML of 1.11", () => {
    const { ask } = standIn([]);
    const queue = body.parse(ask("GET", "/v2/queue"));
    expect(queue.queue).toHaveLength(2);
    const item = types.schema("queue.QueueApp");
    for (const one of z.array(body).parse(queue.queue)) expect(problems(item, one)).toEqual([]);
  });
});
