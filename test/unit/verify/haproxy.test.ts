import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { serversOf } from "../../../components/dcos/verify/haproxy";
import { dcosProbe } from "../../../components/dcos/verify/index";
import type { Shell } from "../../../plan/access";
import { dcosPlan } from "../../helpers/dcos-plan";
import { describeWithShared, sharedText } from "../../helpers/shared";

const config = `global
  stats socket /tmp/x
frontend marathon_http_in
  bind *:80
  mode http

frontend seamless-probe_10003
  bind *:10003
  mode tcp
  use_backend seamless-probe_10003

backend seamless-probe_10003
  balance roundrobin
  server a 192.168.128.1:8080 id 1 check
  server b 192.168.128.2:8080 id 2 check
`;

test("the servers of a port are those of its frontend's backend", () => {
  expect(serversOf(config, 10_003)).toEqual(["a 192.168.128.1:8080", "b 192.168.128.2:8080"]);
  expect(serversOf(config, 80)).toEqual([]);
  expect(serversOf(config, 1000)).toBeUndefined();
});

let server: Server;
let url = "";
let open = true;
let labels: object = { HAPROXY_GROUP: "external" };

/** An ssh that prints what it is told to, whatever it is asked. */
let folder = "";
const { PATH } = process.env;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "seamless-haproxy-"));
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\ncat ${folder}/printed\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
  server = createServer(({ url: path = "", headers }, response) => {
    const allowed = open || headers.authorization !== undefined;
    const probe = path.startsWith("/service/marathon-user/v2/apps//seamless-probe");
    const app = {
      id: "/seamless-probe",
      labels,
      container: { portMappings: [{ servicePort: 10_003 }] },
    };
    response.writeHead(!allowed ? 401 : probe ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify(probe ? { app } : {}));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
  await new Promise((done) => server.close(done));
});
beforeEach(() => {
  open = true;
  labels = { HAPROXY_GROUP: "external" };
});

/** What is said of marathon-lb by a cluster whose HAProxy prints this configuration. */
async function said(printed: string) {
  const nodes = { lb: { address: "172.16.18.45", role: "public" } };
  const { dcos } = dcosPlan({ nodes, packages: { "marathon-lb": {}, "marathon-user": {} } }).coes;
  if (dcos === undefined) throw new Error("no dcos in the plan");
  writeFileSync(join(folder, "printed"), printed);
  const shell: Shell = { via: "ssh", target: "ssh://root@127.0.0.1" };
  const probe = await dcosProbe(dcos, { url, token: "t", nodes: { lb: shell } }, "");
  return probe.addon?.("marathon-lb");
}

test("HAProxy that serves the probe is told with its port", async () => {
  expect(await said(config)).toMatchObject({ ok: true, value: "HAProxy on lb serves port 10003" });
  labels = {};
  expect(await said("")).toMatchObject({ ok: true, value: "HAProxy on lb" });
});

test("HAProxy that is healthy and serves nothing fails, with the reason", async () => {
  expect(await said("frontend stats\n  bind *:9090\n")).toMatchObject({
    ok: false,
    error:
      "HAProxy on lb has no server for port 10003 of seamless-probe: marathon-lb has not read the app from Marathon, or none of its tasks is healthy; look at the log of marathon-lb",
  });
  open = false;
  expect(await said("frontend stats\n  bind *:9090\n")).toMatchObject({
    ok: false,
    error:
      "HAProxy on lb has no server for port 10003 of seamless-probe: Admin Router asks for a token, and marathon-lb has no login to read http://master.mesos/service/marathon-user with; set packages.marathon-lb.options.marathon-lb.secret_name",
  });
});

describeWithShared("dcos-conformance/marathon-lb", "what marathon-lb itself writes", () => {
  const { cases } = z
    .object({
      cases: z.array(
        z.object({
          name: z.string(),
          services: z.array(
            z.object({
              servicePort: z.number(),
              backends: z.array(z.tuple([z.string(), z.string(), z.number()])),
            }),
          ),
          haproxy: z.record(z.string(), z.array(z.string())),
        }),
      ),
    })
    .parse(JSON.parse(sharedText("dcos-conformance", "marathon-lb", "cases.json")));

  test.each(cases)("$name", (one) => {
    const text = Object.entries(one.haproxy)
      .map(([head, lines]) => `${head}\n${lines.map((line) => `  ${line}\n`).join("")}`)
      .join("\n");
    // What is not of the group is a service to marathon-lb, but no part of HAProxy's configuration.
    const [service] = Object.keys(one.haproxy).length === 0 ? [] : one.services;
    const port = service?.servicePort ?? 10_000;
    const addresses = serversOf(text, port)?.map((line) => line.split(" ")[1]);
    expect(addresses).toEqual(
      service?.backends.map(([, address, number]) => `${address}:${number}`),
    );
  });
});
