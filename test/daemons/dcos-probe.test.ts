import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MarathonClient } from "../../components/dcos/api/marathon";
import { DcosSession, Unreachable } from "../../components/dcos/api/session";
import { probeApp } from "../../components/dcos/probe-app";
import { deleteApp, runApp } from "../../components/dcos/run-app";
import type { NodePlan, Plan } from "../../plan/types";
import { exec } from "../../util/exec";
import { freePort } from "../helpers/ports";
import { StandIn } from "../helpers/stand-in";

const cluster = new StandIn();
const quiet = { say: () => undefined };

function plan(podCidr: string): Plan {
  const nodes = ["agent-1", "agent-2", "public-1"].map((name, i): [string, NodePlan] => [
    name,
    {
      id: `dcos/${name}`,
      name,
      address: `127.0.0.${11 + i}`,
      role: name === "public-1" ? "public" : "private",
      asn: 64511,
      speaker: true,
    },
  ]);
  return {
    schemaVersion: 2,
    supernet: "192.168.0.0/16",
    nodeNetwork: "127.0.0.0/24",
    asn: 64511,
    coes: {
      dcos: {
        name: "dcos",
        kind: "dcos",
        deployed: true,
        podCidr,
        announced: {},
        policy: { mode: "open", from: [] },
        natOutgoing: false,
        forwards: {},
        addons: [],
        blockSize: 26,
        blocks: 512,
        nodes: Object.fromEntries(nodes),
      },
    },
    reflectors: {},
    sessions: {},
    fences: {},
  };
}

const app = probeApp(plan("192.168.128.0/17"), "dcos", { instances: 3 });

beforeAll(async () => {
  await cluster.prepare();
  // Stands in for Calico: the namespace has loopback only, the address is one for documentation.
  const plugin = join(cluster.dir, "plugins", "loopback-only");
  mkdirSync(join(cluster.dir, "plugins"));
  const result = { cniVersion: "0.1.0", ip4: { ip: "198.51.100.7/32" } };
  writeFileSync(plugin, `#!/bin/sh\ncat >/dev/null\necho '${JSON.stringify(result)}'\n`);
  chmodSync(plugin, 0o755);
  const conf = { cniVersion: "0.1.0", name: "calico-open", type: "loopback-only" };
  writeFileSync(join(cluster.dir, "cni", "10-open.conf"), JSON.stringify(conf));
  await cluster.startMaster();
  cluster.startAgent("agent-1", { address: "127.0.0.11" });
  cluster.startAgent("agent-2", { address: "127.0.0.12" });
  cluster.startAgent("public-1", { address: "127.0.0.13", role: "public" });
});

afterAll(() => cluster.close(), 60_000);

/** Of Marathon itself, without an Admin Router before it. */
const at = (url: string, options: { readonly patienceMs?: number } = {}) =>
  new MarathonClient(new DcosSession({ url }, { ...quiet, ...options }), "");
const client = () => at(cluster.url);

async function tasks(): Promise<readonly { readonly id: string }[]> {
  return (await client().app("/seamless-probe"))?.tasks ?? [];
}

const places = ["127.0.0.11", "127.0.0.12", "127.0.0.13"].map((host) => ({
  host,
  address: "198.51.100.7",
}));

test("runs one nginx on each agent, which says who it is and who asked", async () => {
  const result = await runApp(client(), app, { ...quiet, timeoutMs: 30_000 });
  expect(result).toEqual({ app: "/seamless-probe", tasks: places });
  for (const { id } of await tasks()) {
    const container = id.slice("seamless-probe.instance-".length, -"._app.1".length);
    const get = ["curl", "-sS", "http://127.0.0.1:8080/any"];
    const { stdout } = await exec(["ip", "netns", "exec", container, ...get]);
    expect(JSON.parse(stdout)).toEqual({ server: id, client: "127.0.0.1" });
  }
});

test("leaves a running app alone, also when the range changes, and replaces its tasks for any other change", async () => {
  const before = await tasks();
  await runApp(client(), app, { ...quiet, timeoutMs: 30_000 });
  expect(await tasks()).toEqual(before);
  const moved = probeApp(plan("192.168.0.0/17"), "dcos", { instances: 3 });
  const said: string[] = [];
  await runApp(client(), moved, { say: (text) => said.push(text), timeoutMs: 30_000 });
  expect(await tasks()).toEqual(before);
  expect(said).toEqual([
    "/seamless-probe keeps its tasks; to give them addresses of 192.168.0.0/17, restart it",
  ]);
  const larger = { ...moved, mem: 40 };
  const result = await runApp(client(), larger, { ...quiet, timeoutMs: 30_000 });
  expect(result.tasks).toEqual(places);
  const ids = before.map(({ id }) => id);
  expect((await tasks()).filter(({ id }) => ids.includes(id))).toEqual([]);
});

test("says what the queue says when the app does not come up, and recovers from it", async () => {
  const stuck = runApp(client(), { ...app, instances: 4 }, { ...quiet, timeoutMs: 4_000 });
  await expect(stuck).rejects.toThrow(
    "gave up after 4 s waiting for the deployment of /seamless-probe: 3 of 4 tasks run, 3 healthy; 1 in the queue (offers declined: UnfulfilledConstraint 3 of 3)",
  );
  // Its own deployment is still there; nobody else's is touched.
  const again = await runApp(client(), app, { ...quiet, timeoutMs: 30_000, ownLockMs: 500 });
  expect(again.tasks).toEqual(places);
});

test("quotes what Marathon refuses", async () => {
  await expect(runApp(client(), { ...app, cpus: -1 }, quiet)).rejects.toThrow(
    `PUT ${cluster.url}/v2/apps//seamless-probe?partialUpdate=false&force=false: HTTP 422: {"message":"Object is not valid","details":[{"path":"/cpus","errors":["must be at least 0, got -1"]}]}`,
  );
});

test("removes the app and waits for its tasks", async () => {
  await deleteApp(client(), "/seamless-probe", { ...quiet, timeoutMs: 30_000 });
  expect(await client().app("/seamless-probe")).toBeUndefined();
  expect((await cluster.call("GET", "/v2/tasks")).body).toEqual({ tasks: [] });
  await deleteApp(client(), "/seamless-probe", quiet);
});

test("gives up on a Marathon that does not answer", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const away = at(url, { patienceMs: 100 });
  await expect(away.app("/x")).rejects.toThrow(Unreachable);
});
