/** Whether a DC/OS is looked at as it should be: with its own step, a small Admin Router, and Calico's real datastore. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { DcosSession } from "../../components/dcos/api/session";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { inspect } from "../../components/dcos/inspect";
import type { DcosInspectInput } from "../../components/dcos/inspect/input";
import { makePlan, parseConfig, parseStackConfig } from "../../components/kinds/planning";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { Etcd } from "../helpers/etcd";
import { freePort } from "../helpers/ports";
import { StandIn } from "../helpers/stand-in";

const root = join(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "seamless-dcos-"));
const etcd = new Etcd();
const calicoctl = () => new Calicoctl([etcd.endpoint]);

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}
const json = (body: unknown): Reply => ({
  status: 200,
  type: "application/json",
  body: JSON.stringify(body),
});
const page = (status: number, title: string): Reply => ({
  status,
  type: "text/html",
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
});

const versionPath = "/dcos-metadata/dcos-version.json";
const unitsPath = "/system/health/v1/units";
const unit = (part: string) => ({
  id: `dcos-calico-${part}.service`,
  name: `Calico ${part}`,
  health: 0,
  description: "as DC/OS has it",
});
const all = [unit("bird"), unit("confd"), unit("felix"), { ...unit("x"), id: "dcos-net.service" }];
let replies: Record<string, Reply> = {};
let server: Server;
let url = "";

beforeAll(async () => {
  await etcd.up();
  server = createServer(({ url: path = "" }, response) => {
    const { status, type, body } = replies[path] ?? page(404, "404 Not Found");
    response.writeHead(status, { "Content-Type": type, Connection: "close" }).end(body);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await etcd.down();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  replies = {
    [versionPath]: json({ version: "2.2.1", "dcos-variant": "open" }),
    [unitsPath]: json({ units: all }),
  };
});

const coes = () => ({
  dcos: {
    kind: "dcos",
    podCidr: "172.29.0.0/16",
    policy: "open",
    access: { url, etcd: [etcd.endpoint] },
    nodes: {
      master: { address: "10.0.0.1", role: "master", speaker: true },
      "agent-1": { address: "10.0.0.2" },
    },
  },
});
const config = (changes: object = {}) => ({
  network: { supernet: "172.16.0.0/12", nodes: "10.0.0.0/24", asn: 64511 },
  reflectors: { reflector: { kind: "gobgp", address: "10.0.0.9" } },
  coes: { dcos: { ...coes().dcos, ...changes } },
});

function asked(changes: object = {}): DcosInspectInput {
  const plan = makePlan(parseConfig(config(changes)));
  const coe = plan.coes.dcos;
  if (coe === undefined) throw new Error("no dcos");
  return { url, coe, calico: calicoPlan(plan, "dcos"), etcdEndpoints: [etcd.endpoint] };
}

const step = (input: DcosInspectInput) =>
  exec([join(root, "bin", "seamless"), "internal", "dcos-inspect"], {
    cwd: root,
    input: JSON.stringify(input),
    timeoutMs: 120_000,
  });

/** A stack's configuration file. */
function stackFile(changes: object): string {
  const file = join(folder, "stack.yaml");
  const named = Object.entries(config(changes)).map(([key, value]) => [`seamless:${key}`, value]);
  writeFileSync(file, stringify({ config: Object.fromEntries(named) }));
  return file;
}

/** Through the session alone, with little patience. */
function look(changes: object = {}, access: object = {}) {
  const input = asked(changes);
  const session = new DcosSession({ url, ...access }, { patienceMs: 500, say: () => undefined });
  return inspect(session, { ...input, timeoutMs: 0 });
}

const pool = (spec: object) => ({
  apiVersion: "projectcalico.org/v3",
  kind: "IPPool",
  metadata: { name: "default-ipv4-ippool" },
  spec: { cidr: "172.29.0.0/16", blockSize: 26, natOutgoing: true, ...spec },
});

test("a datastore without pools is none to be afraid of", async () => {
  const { about, findings } = await look();
  expect(about).toBe("DC/OS 2.2.1, Calico of its own, 0 pools, 0 blocks in use");
  expect(findings.map(({ level, id }) => `${level} ${id}`)).toEqual(["notes network"]);
});

test("the step refuses DC/OS's own Calico with VXLAN, and says the way out", async () => {
  await calicoctl().apply([pool({ vxlanMode: "Always" })]);
  const { code, stderr } = await step(asked({ pool: "default-ipv4-ippool" }));
  expect([code, stderr]).toEqual([
    4,
    `seamless: dcos cannot be joined as it is; nothing was changed
blocks  calico/backend: pool default-ipv4-ippool has vxlanMode Always, with which DC/OS 2.2.1 runs its own Calico without BIRD
        effect  no node would have a session with the reflector
        to do   set calico_vxlan_enabled: false in DC/OS's config.yaml and upgrade, or install DC/OS anew, with it; if the pool is then still as it is, set its vxlanMode to Never with calicoctl
`,
  ]);
}, 120_000);

test("with BIRD its pool is adopted, and what that changes is said; so by the command line", async () => {
  await calicoctl().apply([pool({ ipipMode: "Always", vxlanMode: "Never" })]);
  const block = { cidr: "172.29.1.0/26", affinity: "host:agent-1", strictAffinity: false };
  const used = { allocations: [0], unallocated: [], attributes: [{ handle_id: "h" }] };
  await etcd.put(
    "/calico/ipam/v2/assignment/ipv4/block/172.29.1.0-26",
    JSON.stringify({ ...block, ...used }),
  );
  const changes = { pool: "default-ipv4-ippool" };
  expect((await step(asked(changes))).code).toBe(0);
  const file = stackFile(changes);
  const { code, stdout, stderr } = await exec(
    [join(root, "bin", "seamless"), "inspect", "--config", file],
    { cwd: root },
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").filter((line) => /^[a-z0-9]/.test(line))).toEqual([
    "dcos: DC/OS 2.2.1, Calico of its own, 1 pools, 1 blocks in use",
    "changes pool/default-ipv4-ippool/spec: ipipMode Always -> Never, natOutgoing true -> false",
    "changes bgp/as: AS 64512; the plan says 64511",
    "changes bgp/mesh: the node-to-node mesh is on; the plan has it off",
    "notes   network: DC/OS's own Calico has the container network calico; apps of the plan are on calico-open",
    "0 in the way, 3 changed by joining, 1 to know",
  ]);
}, 120_000);

test("a pool in use that would have to shrink is in the way", async () => {
  const { findings } = await look({ podCidr: "172.29.0.0/17" });
  expect(findings[0]).toMatchObject({
    level: "blocks",
    found: "172.29.0.0/16 with 1 blocks in use, 0 of them outside the plan's 172.29.0.0/17",
  });
});

test("a token that is refused, a service that is away, and what is no DC/OS", async () => {
  replies[unitsPath] = page(401, "401 Authorization Required");
  await expect(look({}, { token: "old" })).rejects.toThrow(
    `GET ${url}${unitsPath}: HTTP 401: 401 Authorization Required 401 Authorization Required; the token has run out or is of another cluster; give a new one`,
  );
  replies[unitsPath] = page(502, "502 Bad Gateway");
  await expect(look()).rejects.toThrow(
    `GET ${url}${unitsPath}: gave up after 1 s: HTTP 502: 502 Bad Gateway 502 Bad Gateway`,
  );
  replies[versionPath] = json({ name: "something else" });
  await expect(look()).rejects.toThrow(
    `GET ${url}${versionPath}: HTTP 200, but not an answer of DC/OS's Admin Router (version: `,
  );
  delete replies[versionPath];
  await expect(look()).rejects.toThrow(
    `GET ${url}${versionPath}: HTTP 404: 404 Not Found 404 Not Found; url has to be the cluster's own, for instance https://dcos.example.com`,
  );
});

test("an Admin Router that does not answer is named, and given up on", async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  await expect(look({}, { url: nobody })).rejects.toThrow(
    new RegExp(`^GET ${nobody}${versionPath}: gave up after 1 s: .*connect ECONNREFUSED`),
  );
  const { code, stderr } = await exec(
    [join(root, "bin", "seamless"), "inspect", "--config", stackFile({}), "--url", nobody],
    { cwd: root },
  );
  expect(code).toBe(3);
  expect(stderr).toContain(`GET ${nobody}${versionPath}: gave up after 15 s: connect ECONNREFUSED`);
});

test("a datastore that does not answer is said, and what could not be seen of it", async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const input = { ...asked(), etcdEndpoints: [endpoint], timeoutMs: 0 };
  const session = new DcosSession({ url }, { patienceMs: 500, say: () => undefined });
  const { about, findings } = await inspect(session, input);
  expect(about).toBe("DC/OS 2.2.1, Calico of its own, its datastore does not answer");
  expect(findings.map(({ level, id }) => `${level} ${id}`)).toEqual([
    "blocks calico/range",
    "notes network",
    "notes datastore",
  ]);
  expect(findings.at(-1)?.found).toContain(`calicoctl get ippools (datastore ${endpoint}): `);
});

/** Runs with a calicoctl in front of the real one that refuses one kind. */
async function refusing<T>(kind: string, said: string, run: () => Promise<T>): Promise<T> {
  const { PATH = "" } = process.env;
  const bin = mkdtempSync(join(folder, "bin-"));
  const script = `#!/bin/sh\n[ "$2" != ${kind} ] || { echo "${said}" >&2; exit 1; }\nexec ${join(toolsBin(), "calicoctl")} "$@"\n`;
  writeFileSync(join(bin, "calicoctl"), script, { mode: 0o755 });
  process.env.PATH = `${bin}:${PATH}`;
  try {
    return await run();
  } finally {
    process.env.PATH = PATH;
  }
}

test("filters that cannot be read are not none; a calicoctl that does not know them has none", async () => {
  await expect(calicoctl().list("bgpsieves")).rejects.toThrow(
    "resource type 'bgpsieves' is not supported",
  );
  expect(await calicoctl().listKnown("bgpsieves")).toEqual([]);
  const old = "Failed to get resources: resource type 'bgpfilters' is not supported";
  const known = await refusing("bgpfilters", old, () => look());
  expect(known.about).toBe("DC/OS 2.2.1, Calico of its own, 1 pools, 1 blocks in use");
  const refused = await refusing("bgpfilters", "etcdserver: permission denied", () => look());
  expect(refused.about).toBe("DC/OS 2.2.1, Calico of its own, its datastore does not answer");
  expect(refused.findings.at(-1)?.found).toContain(
    `calicoctl get bgpfilters (datastore ${etcd.endpoint}): etcdserver: permission denied`,
  );
});

test("the lab's DC/OS has no Calico of its own, and tells a version", async () => {
  const cluster = new StandIn({}, { version: "2.1.4" });
  await cluster.prepare();
  await cluster.startMaster();
  try {
    const session = new DcosSession(
      { url: cluster.routerUrl },
      { patienceMs: 10_000, say: () => undefined },
    );
    const input = asked({ pool: "default-ipv4-ippool" });
    const { about, findings } = await inspect(session, { ...input, timeoutMs: 0 });
    expect(about).toBe("DC/OS 2.1.4, Calico not of its own, 1 pools, 1 blocks in use");
    expect(findings.map(({ level, id }) => `${level} ${id}`)).toEqual([
      "changes pool/default-ipv4-ippool/spec",
      "changes bgp/as",
      "changes bgp/mesh",
    ]);
  } finally {
    await cluster.close();
  }
});

test("policies, hosts and agents are read as calicoctl has stored them", async () => {
  const stored = (kind: string, name: string, spec: object) => ({
    apiVersion: "projectcalico.org/v3",
    kind,
    metadata: { name },
    spec: { ...spec },
  });
  await calicoctl().apply([
    stored("GlobalNetworkPolicy", "quarantine", {
      order: 10,
      ingress: [{ action: "Deny", source: { nets: ["10.9.0.0/16"] } }],
    }),
    stored("HostEndpoint", "master-eth0", { node: "host-1", interfaceName: "eth0" }),
    stored("Node", "host-1", { bgp: { ipv4Address: "10.0.0.2/24", asNumber: 65001 } }),
  ]);
  const { findings, traffic } = await look({ pool: "default-ipv4-ippool" });
  const of = (prefix: string) =>
    findings
      .filter(({ id }) => id.startsWith(prefix))
      .map(({ level, id, found }) => `${level} ${id}: ${found}`);
  expect(of("policy")).toEqual([
    "blocks policy: policy open in the plan, and 1 GlobalNetworkPolicy at order 10 (quarantine), as far as no rule denies",
    "notes policy/hosts: 1 HostEndpoints (master-eth0)",
  ]);
  expect(of("node/agent-1")).toEqual([
    "blocks node/agent-1: 10.0.0.2; it is in AS 65001 by its own setting; the plan says 64511",
  ]);
  expect(traffic?.["agent-1"]?.before).toBe("mesh, IPIP Always");
});

test("adopt writes a file of the same cluster, with what is in the way", async () => {
  const agent = (ip: string, attributes: object) => ({
    ...{ id: ip, hostname: ip, pid: `slave(1)@${ip}:5051`, attributes },
  });
  replies["/mesos/state"] = json({
    slaves: [agent("10.0.0.2", {}), agent("10.0.0.3", { public_ip: "true" })],
    frameworks: [],
  });
  const { code, stdout, stderr } = await exec(
    [
      ...[join(root, "bin", "seamless"), "adopt", "--json"],
      `old=dcos:url=${url},etcd=${etcd.endpoint}`,
    ],
    { cwd: root },
  );
  expect([code, stderr]).toEqual([1, ""]);
  const { config: text, violations }: { config: string; violations: { level: string }[] } =
    JSON.parse(stdout);
  expect(text).toContain(
    "      # joining changes ipipMode of default-ipv4-ippool (Always -> Never)\n      pool: default-ipv4-ippool\n",
  );
  const { coes, network } = parseStackConfig(text, "adopted");
  expect(network).toMatchObject({ nodes: "10.0.0.0/24", asn: 64512 });
  expect(coes.old).toMatchObject({
    podCidr: "172.29.0.0/16",
    pool: "default-ipv4-ippool",
    natOutgoing: true,
    access: { url, etcd: [etcd.endpoint] },
    nodes: {
      "host-1": { address: "10.0.0.2", role: "private", asn: 65001 },
      "10-0-0-3": { address: "10.0.0.3", role: "public" },
    },
  });
  const file = join(folder, "adopted.yaml");
  writeFileSync(file, text);
  const again = await exec([join(root, "bin", "seamless"), "inspect", "--config", file, "--json"], {
    cwd: root,
  });
  const { findings }: { findings: { level: string }[] } = JSON.parse(again.stdout);
  expect(violations.map(({ level }) => level)).toEqual(findings.map(({ level }) => level));
  expect(violations.filter(({ level }) => level === "blocks")).toEqual([
    {
      level: "blocks",
      text: expect.stringMatching(
        /^old: policy: policy open in the plan, and 1 GlobalNetworkPolicy/,
      ),
    },
  ]);
}, 120_000);
