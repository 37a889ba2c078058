import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execOrThrow } from "../../util/exec";
import { Machines } from "../helpers/machines";
import { clientFolders, type NomadApi, NomadStandIn } from "../helpers/nomad";
import { job, network } from "../helpers/nomad-job";

/*
 * What stands in for Nomad, judged by the official Go client of Nomad's API (github.com/hashicorp/nomad/api), by the
 * libraries by which a client of Nomad reads CNI files and calls plugins (containerd/go-cni, libcni), and by the plugins of
 * the CNI project. Machines are namespaces of this host.
 */

jest.setTimeout(120_000);

const server = "172.31.7.1";
const client = "172.31.7.2";
const machines = new Machines(clientFolders);
const nomad = new NomadStandIn(machines);
let api: NomadApi;

function write(name: string, content: unknown): void {
  const file = join(machines.inside("client", "/opt/cni/config"), name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

async function running(id: string) {
  return nomad.until(`an allocation of ${id} to run`, async () => {
    const all = await api.ask("job allocations", { id });
    const found = all.find(
      (one: { ClientStatus: string; DesiredStatus: string }) =>
        one.ClientStatus === "running" && one.DesiredStatus === "run",
    );
    return found === undefined ? undefined : api.ask("allocation", { id: found.ID });
  });
}

async function gone(id: string): Promise<void> {
  await api.ask("deregister", { id, purge: true });
  await nomad.until(`the end of ${id}`, async () => {
    const all: { ClientStatus: string }[] = await api.ask("job allocations", { id });
    const over = ["complete", "failed", "lost"];
    return all.every(({ ClientStatus }) => over.includes(ClientStatus)) ? true : undefined;
  });
}

const node = async () => {
  const [stub] = (await api.ask("nodes")) ?? [];
  return stub === undefined ? undefined : api.ask("node", { id: stub.ID });
};

const networksOf = (one: { NodeResources: { Networks: { Mode: string }[] } }) =>
  one.NodeResources.Networks.map(({ Mode }) => Mode).sort();

async function offers(...modes: string[]): Promise<void> {
  await nomad.until(`the networks ${modes.join(", ")}`, async () => {
    const found = await node();
    return JSON.stringify(networksOf(found)) === JSON.stringify(["host", ...modes].sort())
      ? true
      : undefined;
  });
}

beforeAll(async () => {
  await machines.up({ server, client });
  nomad.startServer("server", server);
  nomad.givePlugins("client", ["bridge", "host-local", "portmap"]);
  write("10-blue.conflist", network("blue"));
  nomad.startClient("client", client, server);
  api = nomad.api("server", server);
  await nomad.until("a node", async () => {
    const found = await node();
    return found?.Status === "ready" ? true : undefined;
  });
});

afterAll(async () => {
  await nomad.down();
  await machines.down();
});

test("tells who leads, its version, and what a client finds on its node", async () => {
  expect(await api.ask("leader")).toBe(`${server}:4647`);
  const self = await api.ask("self");
  expect([self.config.Region, self.config.Version.Version, self.member.Tags.build]).toEqual([
    "global",
    "1.9.7",
    "1.9.7",
  ]);
  const found = await node();
  expect([found.Name, found.Status, found.SchedulingEligibility]).toEqual([
    "client",
    "ready",
    "eligible",
  ]);
  expect(found.Attributes).toMatchObject({
    "nomad.version": "1.9.7",
    "unique.network.ip-address": client,
    "plugins.cni.version.bridge": "v1.9.1",
    "plugins.cni.version.host-local": "v1.9.1",
  });
  expect(networksOf(found)).toEqual(["cni/blue", "host"]);
});

test("runs a job with an address of the plugin, and registers its service", async () => {
  const { EvalID } = await api.ask("register", { job: job("one") });
  expect((await api.ask("evaluation", { id: EvalID })).FailedTGAllocs).toBeNull();
  const alloc = await running("one");
  expect(alloc.NetworkStatus).toMatchObject({ InterfaceName: "eth0" });
  expect(alloc.NetworkStatus.Address).toMatch(/^10\.77\.0\.\d+$/);
  const { Address } = alloc.NetworkStatus;
  expect(
    await machines.run("client", "curl", "-sf", "-m", "5", `http://${Address}:8080/`),
  ).toContain('"client":"10.77.0.1"');
  const inside = ["ip", "netns", "exec", alloc.ID, "ip", "-4", "-o", "address", "show", "eth0"];
  expect(await machines.run("client", ...inside)).toContain(` ${Address}/26 `);

  expect(await api.ask("services")).toEqual([
    { Namespace: "default", Services: [{ ServiceName: "web", Tags: ["a", "b"] }] },
  ]);
  const [service] = await api.ask("service", { id: "web" });
  expect(service).toMatchObject({ Address, Port: 8080, AllocID: alloc.ID, JobID: "one" });
  // The port mapping that the list declares leads there from the node's own port.
  const [port] = alloc.AllocatedResources.Shared.Ports;
  expect(
    await machines.run("server", "curl", "-sf", "-m", "5", `http://${client}:${port.Value}/`),
  ).toContain(`"client":"${server}"`);

  await gone("one");
  expect(await machines.run("client", "ip", "netns", "list")).toBe("");
  expect(await api.ask("services")).toEqual([]);
  await expect(api.ask("job", { id: "one" })).rejects.toThrow("(job not found)");
});

test("registers the node's address where a service does not ask for the allocation's", async () => {
  const services = ["auto", "host"].map((mode) => ({
    ...{ Name: mode, Provider: "nomad", AddressMode: mode, PortLabel: "http" },
  }));
  await api.ask("register", { job: job("hosted", { Services: services }) });
  const alloc = await running("hosted");
  const [port] = alloc.AllocatedResources.Shared.Ports;
  for (const name of ["auto", "host"]) {
    const [found] = await api.ask("service", { id: name });
    expect([found.Address, found.Port]).toEqual([client, port.Value]);
  }
  await gone("hosted");
});

test("places nothing where a network, a driver or Consul is missing, and says so", async () => {
  const reasonOf = async (bad: object) => {
    const { EvalID } = await api.ask("register", { job: bad });
    const found = await api.ask("evaluation", { id: EvalID });
    return found.FailedTGAllocs.web.ConstraintFiltered;
  };
  const green = { Networks: [{ Mode: "cni/green" }] };
  expect(await reasonOf(job("bad", green))).toEqual({ "missing network": 1 });
  expect(await reasonOf(job("bad", {}, { Driver: "docker" }))).toEqual({ "missing drivers": 1 });
  const consul = { Services: [{ Name: "web", AddressMode: "alloc" }] };
  expect(await reasonOf(job("bad", consul))).toEqual({ "Consul (attr.consul.version)": 1 });
  expect((await api.ask("job", { id: "bad" })).Status).toBe("pending");
  await gone("bad");
});

test("finds new files at a reload, by the name in lower case, and the first of two of a name", async () => {
  write("20-green.conflist", network("green"));
  write("30-upper.conflist", network("Upper"));
  write("40-blue.conf", { cniVersion: "1.0.0", name: "blue", type: "nothing" });
  expect(networksOf(await node())).toEqual(["cni/blue", "host"]);
  nomad.reload("client");
  await offers("cni/Upper", "cni/blue", "cni/green");
  // A client lower-cases the mode before it compares.
  const { EvalID } = await api.ask("register", {
    job: job("upper", { Networks: [{ Mode: "cni/Upper" }] }),
  });
  const { FailedTGAllocs } = await api.ask("evaluation", { id: EvalID });
  expect(FailedTGAllocs.web.ConstraintFiltered).toEqual({ "missing network": 1 });
  await gone("upper");
  // The second file of the name would fail.
  await api.ask("register", { job: job("first") });
  await running("first");
  await gone("first");
});

test("keeps its networks when a file does not parse, fails allocations behind it, and does not start with it", async () => {
  write("15-broken.conflist", "{");
  nomad.reload("client");
  await nomad.until("the client to say so", async () =>
    nomad.log.some((line) => line.includes("reload: failed to load CNI config list file"))
      ? true
      : undefined,
  );
  await offers("cni/Upper", "cni/blue", "cni/green");
  await api.ask("register", { job: job("behind", { Networks: [{ Mode: "cni/green" }] }) });
  const failed = await nomad.until("an allocation that failed", async () => {
    const all = await api.ask("job allocations", { id: "behind" });
    return all.find((one: { ClientStatus: string }) => one.ClientStatus === "failed");
  });
  expect(failed.TaskStates.probe.Events.at(-1).DisplayMessage).toBe(
    'failed to setup alloc: pre-run hook "network" failed: failed to configure networking for alloc: failed to configure network: failed to load CNI config: failed to load CNI config list file /opt/cni/config/15-broken.conflist: error parsing configuration list: unexpected end of JSON input',
  );
  await gone("behind");
  await nomad.stop("client");
  nomad.startClient("client", client, server);
  await nomad.until("the client to end", async () =>
    nomad.exitCode("client") === 1 ? true : undefined,
  );
  await nomad.until("the node to be down", async () =>
    (await node()).Status === "down" ? true : undefined,
  );
  for (const name of [
    "15-broken.conflist",
    "20-green.conflist",
    "30-upper.conflist",
    "40-blue.conf",
  ])
    await machines.run("client", "rm", `/opt/cni/config/${name}`);
  nomad.startClient("client", client, server);
  await nomad.until("the node to be back", async () =>
    (await node()).Status === "ready" ? true : undefined,
  );
});

test("tells plugins the job's arguments and its own, and takes up allocations after a restart", async () => {
  // The first plugin of the list writes what it is told and is not asked for an address.
  const spy = join(machines.inside("client", "/opt/cni/bin"), "spy");
  writeFileSync(
    spy,
    '#!/bin/sh\n[ -z "$CNI_COMMAND" ] && exit 1\necho "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME $CNI_NETNS $CNI_ARGS" >> /opt/cni/told\nif [ "$CNI_COMMAND" = ADD ]; then sed "s/.*\\"prevResult\\"://; s/,\\"type\\":\\"spy\\".*//"; fi\n',
    { mode: 0o755 },
  );
  const list = network("blue");
  write("10-blue.conflist", { ...list, plugins: [...list.plugins.slice(0, 1), { type: "spy" }] });
  const args = { FOO: "bar", NOMAD_JOB_ID: "other" };
  const networks = [{ Mode: "cni/blue", CNI: { Args: args } }];
  await api.ask("register", { job: job("told", { Networks: networks, Services: [] }) });
  const alloc = await running("told");
  await nomad.stop("client");
  nomad.startClient("client", client, server);
  await nomad.until("CHECK", async () =>
    (await machines.run("client", "cat", "/opt/cni/told")).includes("CHECK") ? true : undefined,
  );
  expect((await running("told")).ID).toBe(alloc.ID);
  await gone("told");
  const told = (await machines.run("client", "cat", "/opt/cni/told")).trim().split("\n");
  const where = `${alloc.ID} eth0 /var/run/netns/${alloc.ID}`;
  const [add = "", ...later] = told;
  expect(add.slice(0, add.lastIndexOf(" "))).toBe(`ADD ${where}`);
  expect((add.split(" ").at(-1) ?? "").split(";").sort()).toEqual([
    "FOO=bar",
    "IgnoreUnknown=true",
    `NOMAD_ALLOC_ID=${alloc.ID}`,
    "NOMAD_GROUP_NAME=web",
    "NOMAD_JOB_ID=told",
    "NOMAD_NAMESPACE=default",
    "NOMAD_REGION=global",
  ]);
  expect(later.map((line) => line.trim())).toEqual([`CHECK ${where}`, `DEL ${where}`]);
});

test("destroys a namespace that CHECK is refused for, and calls ADD again without DEL", async () => {
  const list = network("blue");
  // Kubernetes' usual version, which has no CHECK (CNI specification 0.4.0).
  write("10-blue.conflist", { ...list, cniVersion: "0.3.1", plugins: list.plugins.slice(0, 1) });
  await api.ask("register", { job: job("trap", { Services: [] }) });
  const before = await running("trap");
  await nomad.stop("client");
  nomad.startClient("client", client, server);
  // host-local has not been told that the address is free.
  const failed = await nomad.until("the allocation to fail", async () => {
    const all = await api.ask("job allocations", { id: "trap" });
    return all.find((one: { ClientStatus: string }) => one.ClientStatus === "failed");
  });
  expect(failed.ID).toBe(before.ID);
  expect(failed.TaskStates.probe.Events.at(-1).DisplayMessage).toContain("duplicate allocation");
  await gone("trap");
  write("10-blue.conflist", network("blue"));
});

test("gives what a lost node ran to none, and takes it off when the node is back", async () => {
  await api.ask("register", { job: job("lost") });
  const alloc = await running("lost");
  await nomad.stop("client", "SIGKILL");
  await nomad.until("the allocation to be lost", async () =>
    (await api.ask("allocation", { id: alloc.ID })).ClientStatus === "lost" ? true : undefined,
  );
  expect(await api.ask("services")).toEqual([]);
  nomad.startClient("client", client, server);
  await nomad.until("another in its place", async () => {
    const found = await running("lost");
    return found.ID === alloc.ID ? undefined : true;
  });
  await nomad.until("the end of the old one", async () => {
    const left = (await machines.run("client", "ip", "netns", "list")).trim().split("\n");
    return left.length === 1 ? true : undefined;
  });
  await gone("lost");
});

test("answers a blocking query when something changes, and in time when nothing does", async () => {
  const { index } = await api.query("jobs");
  const waited = performance.now();
  expect((await api.query("jobs", { index, wait: 300 })).index).toBe(index);
  expect(performance.now() - waited).toBeGreaterThan(290);
  const pending = api.query("jobs", { index, wait: 20_000 });
  const other = nomad.api("server", server);
  await other.ask("register", { job: job("news") });
  const { value, index: next } = await pending;
  expect(next).toBeGreaterThan(index);
  expect(value.map(({ ID }: { ID: string }) => ID)).toEqual(["news"]);
  await gone("news");
});

test("refuses who has no token, a wrong one, or one that may not write", async () => {
  const settings = {
    http: { address: server, port: 4656 },
    rpc: { address: server, port: 4657 },
    stateDir: "/var/lib/nomad-standin/acl",
    tokens: { [adminToken]: { write: true }, [readToken]: { write: false } },
  };
  mkdirSync(machines.inside("server", "/var/lib/nomad-standin/acl"));
  nomad.startServer("server", server, settings);
  const url = { NOMAD_ADDR: `http://${server}:4656` };
  const as = (token: string) => nomad.api("server", server, { ...url, NOMAD_TOKEN: token });
  const [nobody, stranger, reader, admin] = [
    as(""),
    as(strangerToken),
    as(readToken),
    as(adminToken),
  ];
  await nomad.until("the server", () => nobody.ask("leader"));
  await expect(nobody.ask("nodes")).rejects.toThrow("(Permission denied)");
  await expect(stranger.ask("nodes")).rejects.toThrow("(ACL token not found)");
  expect(await reader.ask("nodes")).toEqual([]);
  await expect(reader.ask("register", { job: job("x") })).rejects.toThrow("(Permission denied)");
  expect((await admin.ask("register", { job: job("x") })).EvalID).toMatch(/^[0-9a-f-]{36}$/);
});

test("speaks TLS with a certificate that the client trusts, or none at all", async () => {
  const file = (name: string) => join(machines.folder, name);
  await execOrThrow([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-nodes", "-days", "1", "-subj", "/CN=nomad", "-addext", `subjectAltName=IP:${server}`],
    ...["-keyout", file("key.pem"), "-out", file("cert.pem")],
  ]);
  mkdirSync(machines.inside("server", "/var/lib/nomad-standin/tls"));
  nomad.startServer("server", server, {
    http: { address: server, port: 4666 },
    rpc: { address: server, port: 4667 },
    stateDir: "/var/lib/nomad-standin/tls",
    tls: { cert: file("cert.pem"), key: file("key.pem") },
  });
  const url = { NOMAD_ADDR: `https://${server}:4666` };
  const trusting = nomad.api("server", server, { ...url, NOMAD_CACERT: file("cert.pem") });
  await nomad.until("the server", () => trusting.ask("leader"));
  expect(await trusting.ask("leader")).toBe(`${server}:4667`);
  const doubting = nomad.api("server", server, url);
  await expect(doubting.ask("leader")).rejects.toThrow("certificate signed by unknown authority");
});

const adminToken = "00000000-0000-0000-0000-000000000001";
const readToken = "00000000-0000-0000-0000-000000000002";
const strangerToken = "00000000-0000-0000-0000-000000000003";
