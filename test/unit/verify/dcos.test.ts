import { createServer, type Server } from "node:http";
import { dcosProbe } from "../../../components/dcos/verify/index";
import type { CoePlan } from "../../../plan/types";
import { plan } from "./fixture";

interface Asked {
  readonly path: string;
  readonly token: string | undefined;
}

const asked: Asked[] = [];
let server: Server;
let url = "";
const app = {
  id: "/seamless-probe",
  container: { portMappings: [{ containerPort: 8080, servicePort: 10003 }] },
  tasks: [
    {
      id: "seamless-probe.1",
      state: "TASK_RUNNING",
      host: "172.16.18.43",
      ipAddresses: [{ ipAddress: "192.168.132.128" }],
    },
    { id: "seamless-probe.2", state: "TASK_STAGING", host: "172.16.18.43" },
  ],
};

beforeAll(async () => {
  server = createServer(({ url: path = "", headers }, response) => {
    asked.push({ path, token: headers.authorization });
    const known = path.includes("//seamless-probe");
    response.writeHead(known ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify(known ? { app } : { message: "no such thing" }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => new Promise((done) => server.close(done)));
beforeEach(() => asked.splice(0));

function coeWith(more: Partial<CoePlan> = {}): CoePlan {
  const { dcos } = plan.coes;
  if (dcos === undefined) throw new Error("no dcos in the fixture");
  return { ...dcos, ...more };
}
const probe = (coe: CoePlan, access = {}) => dcosProbe(coe, { url, nodes: {}, ...access }, "");

test("the probe is looked for on the second Marathon where there is one, with the token", async () => {
  const { workloads } = await probe(coeWith({ packages: ["marathon-user"] }), { token: "t0ken" });
  expect(await workloads()).toEqual({
    ok: true,
    asked: `dcos: GET ${url}/service/marathon-user/v2/apps//seamless-probe?embed=app.tasks`,
    value: [
      {
        name: "seamless-probe.1",
        coe: "dcos",
        node: "dcos/agent-1",
        address: "192.168.132.128",
        port: 8080,
      },
    ],
  });
  expect(asked.map(({ token }) => token)).toEqual(["token=t0ken"]);
});

test("on the first one otherwise; a secret that is empty is none", async () => {
  const { workloads } = await probe(coeWith(), { token: "" });
  await workloads();
  expect(asked).toEqual([
    { path: "/service/marathon/v2/apps//seamless-probe?embed=app.tasks", token: undefined },
  ]);
});

test("the service in front of the probe is at the load balancers' address and the app's service port", async () => {
  const balanced = { announced: { loadBalancerIPs: "10.98.0.0/24" }, balancers: ["public-1"] };
  const { services } = await probe(coeWith(balanced));
  expect(await services?.()).toMatchObject({
    ok: true,
    value: [{ range: "loadBalancerIPs", address: "10.98.0.1", port: 10003 }],
  });
});

test("without load balancers there is none", async () => {
  const { services } = await probe(coeWith());
  expect(await services?.()).toMatchObject({ ok: true, value: [] });
});

test("packages say what is wrong, and where it was asked", async () => {
  const { nodes } = coeWith();
  const members = Object.entries(nodes).map(([name, node]) => [name, { ...node, role: "private" }]);
  const packages = ["etcd", "marathon-user"];
  const { addon } = await probe(coeWith({ packages, nodes: Object.fromEntries(members) }));
  expect(await addon?.("marathon-user")).toEqual({
    ok: false,
    asked: `dcos: GET ${url}/service/marathon-user/v2/info`,
    error: "HTTP 404",
  });
  expect(await addon?.("etcd")).toEqual({
    ok: false,
    asked: [
      "dcos/agent-1: curl -sS -f -m 5 http://172.16.18.43:2379/health",
      "dcos/master: curl -sS -f -m 5 http://172.16.18.42:2379/health",
    ].join("; "),
    error: "no member has a leader: agent-1: no way to reach it; master: no way to reach it",
    unasked: true,
  });
  expect(await addon?.("cassandra")).toEqual({
    ok: false,
    asked: "dcos",
    error: "no way to use cassandra is known",
  });
});
