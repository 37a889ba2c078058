import { makePlan, parseConfig } from "../../components/kinds/planning";
import { hostInputOf } from "../../components/linux/planned";
import { networkFile, networkPath } from "../../components/nomad/cni";
import { probeJob } from "../../components/nomad/probe-job";
import type { Plan } from "../../plan";
import type { NodePlan } from "../../plan/types";
import type { NomadApi } from "../helpers/nomad";
import { NomadHosts, token } from "../helpers/nomad-hosts";

/*
 * A cluster with two clients joins the plan by the steps of an update, and leaves. Whether it is right is said by the kernels,
 * by the official client of Nomad's API, and by what the allocations see of each other; see NomadHosts for what is real.
 */

jest.setTimeout(300_000);

const settings = (more: object = {}) => ({
  network: { supernet: "10.90.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
  reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
  coes: {
    nomad: {
      kind: "nomad",
      podCidr: "10.90.0.0/20",
      policy: "open",
      access: { url: "http://172.16.18.61:4646", allowHttp: true, ssh: {} },
      nodes: {
        server: { address: "172.16.18.61", role: "server" },
        "client-1": { address: "172.16.18.62", podCidr: "10.90.1.0/26" },
        "client-2": { address: "172.16.18.63", podCidr: "10.90.2.0/26" },
      },
      ...more,
    },
  },
});
const passwords = { nomad: "of-nomad" };
const planOf = (more: object = {}): Plan =>
  makePlan(parseConfig(settings(more), { secrets: { bgpPasswords: passwords } }));
const coeOf = (of: Plan) => {
  const { nomad } = of.coes;
  if (nomad === undefined) throw new Error("no COE in the plan");
  return nomad;
};

const plan = planOf();
const coe = coeOf(plan);
const lab = new NomadHosts(plan, coe, passwords);
let api: NomadApi;

const reach = { url: lab.url };
const hostInput = (node: NodePlan, of = plan) =>
  hostInputOf(of, coeOf(of), node, lab.shell(node.name), "none");
const networkInput = (node: NodePlan) => ({
  ...reach,
  name: node.id,
  shell: lab.shell(node.name),
  node: { name: node.name, address: node.address },
  file: {
    network: "seamless",
    unit: "nomad.service",
    path: networkPath(coe),
    text: networkFile(coe, node),
  },
});
const probe = { instances: 2, driver: "raw_exec", command: ["/opt/nomad/lab-probe"] } as const;
const jobInput = () => ({ ...reach, job: probeJob(plan, "nomad", probe), count: 2 });
const inspect = (env?: Record<string, string>, url = lab.url) =>
  lab.step("nomad-inspect", { url, hosts: lab.allShells, coe }, env);
const on = (name: string, ...argv: string[]) => lab.hosts.on(name, ...argv);
const sh = (name: string, text: string) => on(name, "sh", "-c", text);

const nodeOf = async (name: string) => {
  const all: { ID: string; Name: string; Status: string }[] = (await api.ask("nodes")) ?? [];
  const found = all.find((one) => one.Name === name && one.Status === "ready");
  return found === undefined ? undefined : api.ask("node", { id: found.ID });
};
const modesOf = async (name: string): Promise<string[]> =>
  ((await nodeOf(name))?.NodeResources.Networks ?? [])
    .map(({ Mode }: { Mode: string }) => Mode)
    .sort();
const bothReady = () =>
  lab.until("both clients", async () => {
    const found = await Promise.all(lab.clients.map(({ name }) => nodeOf(name)));
    return found.every((one) => one !== undefined) ? true : undefined;
  });

interface Probe {
  readonly id: string;
  readonly address: string;
}

/** By client, the probe's allocation there, by the word of the official client. */
async function probes(): Promise<ReadonlyMap<string, Probe>> {
  const all = await api.ask("job allocations", { id: "seamless-probe" });
  const live = all.filter(
    (one: { ClientStatus: string; DesiredStatus: string }) =>
      one.ClientStatus === "running" && one.DesiredStatus === "run",
  );
  return new Map(
    await Promise.all(
      live.map(async ({ ID, NodeName }: { ID: string; NodeName: string }) => {
        const { NetworkStatus } = await api.ask("allocation", { id: ID });
        return [NodeName, { id: ID, address: NetworkStatus.Address }] as const;
      }),
    ),
  );
}

/** The client's address that a server saw in each direction; undefined until both answered. */
async function seenBothWays(): Promise<boolean | undefined> {
  const found = await probes();
  const [one, two] = [found.get("client-1"), found.get("client-2")];
  if (one === undefined || two === undefined) return undefined;
  const get = (from: string, own: Probe, far: Probe) =>
    sh(from, `ip netns exec ${own.id} timeout 5 busybox wget -qO- http://${far.address}:8080/`);
  const seen = [await get("client-1", one, two), await get("client-2", two, one)];
  const clients = seen.map((text) => JSON.parse(text).client);
  return clients[0] === one.address && clients[1] === two.address ? true : undefined;
}

beforeAll(async () => {
  await lab.up();
  api = lab.api();
  await bothReady();
}, 400_000);

afterAll(() => lab.down(), 60_000);

test("looks at a cluster that may join, and changes nothing", async () => {
  expect(await inspect()).toMatchObject({ code: 0, stderr: "" });
  for (const { name } of lab.clients)
    expect(await sh(name, "ls -A /etc/seamless /opt/cni/config")).toContain("No such file");
});

test("says what is in the way, and what to do", async () => {
  const refused = async (env?: Record<string, string>, url?: string) => {
    const { code, stderr } = await inspect(env, url);
    return [code, stderr.trim()];
  };
  expect(await refused({})).toEqual([
    3,
    `seamless: GET ${lab.url}/v1/agent/self: HTTP 403: Permission denied; ACLs are on: give a token with \`pulumi config set --secret --path seamless:tokens.<coe>\``,
  ]);
  expect(await refused({ SEAMLESS_NOMAD_TOKEN: "11111111-2222-3333-4444-555555555555" })).toEqual([
    3,
    `seamless: GET ${lab.url}/v1/agent/self: HTTP 403: ACL token not found; the token is not one of this cluster, or has expired: give another as seamless:tokens.<coe>`,
  ]);
  expect(await refused(undefined, "http://172.16.18.61:4666")).toEqual([
    3,
    "seamless: GET http://172.16.18.61:4666/v1/agent/self: connect ECONNREFUSED 172.16.18.61:4666; look whether a Nomad server answers there (access.url)",
  ]);
  expect((await refused(undefined, "https://172.16.18.61:4646"))[1]).toMatch(
    /^seamless: GET https:\/\/172\.16\.18\.61:4646\/v1\/agent\/self: the server does not speak TLS: .*; if it serves plain HTTP, access\.url has to begin with http:\/\/$/,
  );

  await sh("client-1", "mkdir -p /opt/cni/config; echo '{' > /opt/cni/config/05-theirs.conflist");
  await sh(
    "client-1",
    `echo '{"cniVersion":"1.0.0","name":"seamless","type":"bridge"}' > /opt/cni/config/10-other.conf`,
  );
  await sh("client-2", "mv /opt/cni/bin/portmap /opt/cni/; systemctl restart nomad");
  await lab.until("a client without the plugin", async () =>
    (await nodeOf("client-2"))?.Attributes["plugins.cni.version.portmap"] === undefined
      ? true
      : undefined,
  );
  await bothReady();
  expect(await refused()).toEqual([
    4,
    `seamless: nomad cannot be joined as it is; nothing was changed
blocks  client-1/cni: /opt/cni/config/05-theirs.conflist cannot be read: it is not JSON
        effect  the agent would not start again with it, and every look-up of a network that comes to it fails
        to do   mend it, or remove it
blocks  client-1/cni: /opt/cni/config/10-other.conf has a network called seamless
        effect  the client takes the first of two files of a name
        to do   remove it, or write another name as coes.nomad.network
blocks  client-2/plugins: it tells no CNI plugin portmap
        effect  no allocation could be put on the network
        to do   install the CNI project's plugins in a folder of client.cni_path (/opt/cni/bin), and restart its agent`,
  ]);
  await sh("client-1", "rm -r /opt/cni/config");
  await sh("client-2", "mv /opt/cni/portmap /opt/cni/bin/; systemctl restart nomad");
  await bothReady();
});

test("joins: hosts have BIRD, a bridge and rules, and clients offer the network", async () => {
  const hosts = await Promise.all(
    lab.clients.map((node) => lab.step("nomad-host-apply", hostInput(node))),
  );
  expect(hosts.map(({ code, stdout }) => [code, stdout.trim()])).toEqual([
    [0, "nomad/client-1: 10.90.1.0/26 by BIRD 2.0.12"],
    [0, "nomad/client-2: 10.90.2.0/26 by BIRD 2.0.12"],
  ]);
  for (const node of lab.clients) {
    const first = await lab.step("nomad-network", networkInput(node));
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(first.stdout)).toEqual({ path: networkPath(coe), kept: false });
    expect(await modesOf(node.name)).toEqual(["cni/seamless", "host"]);
    const again = await lab.step("nomad-network", networkInput(node));
    expect(JSON.parse(again.stdout)).toEqual({ path: networkPath(coe), kept: true });
  }
});

test("allocations reach each other with addresses of their clients' ranges", async () => {
  const said = await lab.step("nomad-job", jobInput());
  expect(said).toMatchObject({ code: 0 });
  const found = await probes();
  expect(found.get("client-1")?.address).toMatch(/^10\.90\.1\.\d+$/);
  expect(found.get("client-2")?.address).toMatch(/^10\.90\.2\.\d+$/);
  await lab.until("answers both ways", seenBothWays);
  const services = await api.ask("service", { id: "seamless-probe" });
  const addresses = [...found.values()].map(({ address }) => address).sort();
  expect(services.map(({ Address }: { Address: string }) => Address).sort()).toEqual(addresses);
});

test("verify proves it, by the cluster's own word", async () => {
  const { code, stdout, stderr } = await lab.seamless([
    ...["verify", "--outputs", lab.outputsFile(), "--json", "--wait", "120s"],
  ]);
  const { results } = JSON.parse(stdout);
  const failed = results.filter(({ status }: { status: string }) => status !== "pass");
  expect({ failed, stderr, code }).toMatchObject({
    failed: [{ status: "skip", found: "no node of another COE can be asked to try" }],
    code: 0,
  });
  expect(failed).toHaveLength(1);
});

test("native services are printed as records for a name server", async () => {
  const names = { zones: ["nomad"], servers: ["172.16.18.61"] };
  const config = lab.configFile(settings({ names }));
  const { stdout } = await lab.seamless(
    ["render", "records", "--coe", "nomad", "--config", config],
    "",
    { SEAMLESS_NOMAD_TOKEN: token },
  );
  const lines = [...(await probes()).values()].map(
    ({ address }) => `${address} seamless-probe.nomad\n`,
  );
  expect(stdout).toContain(lines.sort().join(""));
});

test("an agent that restarts or is killed keeps its allocations and their addresses", async () => {
  const before = await probes();
  await on("client-1", "systemctl", "restart", "nomad");
  await on("client-2", "systemctl", "kill", "--kill-who", "main", "--signal", "KILL", "nomad");
  await bothReady();
  await lab.until("answers both ways", seenBothWays);
  expect(await probes()).toEqual(before);
});

test("a client that is switched off comes back with its range and its allocation", async () => {
  const before = await probes();
  await lab.hosts.docker.docker("stop", "--time", "1", "client-2");
  await lab.until("the loss of its allocation", async () =>
    (await probes()).get("client-2") === undefined ? true : undefined,
  );
  await lab.hosts.docker.docker("start", "client-2");
  await lab.until("answers both ways", seenBothWays, 60_000);
  const after = await probes();
  expect(after.get("client-1")).toEqual(before.get("client-1"));
  expect(after.get("client-2")?.address).toMatch(/^10\.90\.2\.\d+$/);
  expect(await inspect()).toMatchObject({ code: 0, stderr: "" });
});

test("policies let in whom they name, and nobody else", async () => {
  const address = (await probes()).get("client-1")?.address;
  const client = lab.clients[0];
  if (address === undefined || client === undefined) throw new Error("no probe");
  await lab.outside(["ip", "route", "add", "10.90.1.0/26", "via", client.address]);
  // The operator's machine is no node of the plan.
  const reached = async () =>
    (await lab.outside(["curl", "-sf", "-m", "2", `http://${address}:8080/`])).code === 0;
  const apply = async (policy: object) => {
    const said = await lab.step("nomad-host-apply", hostInput(client, planOf(policy)));
    expect(said).toMatchObject({ code: 0 });
  };
  expect(await reached()).toBe(true);
  await apply({ policy: "closed" });
  expect([await reached(), await seenBothWays()]).toEqual([false, true]);
  await apply({ policy: "closed", allowFromHosts: ["172.16.18.1/32"] });
  expect([await reached(), await seenBothWays()]).toEqual([true, true]);
  await apply({});
  expect(await reached()).toBe(true);
});

test("leaves nothing, once no job uses the network", async () => {
  const removals = async (step: string, input: (node: NodePlan) => object) =>
    Promise.all(
      lab.clients.map(async (node) => {
        const { code, stderr } = await lab.step(step, input(node));
        return [code, stderr.trim()];
      }),
    );
  expect(await removals("nomad-network-delete", networkInput)).toEqual(
    lab.clients.map(({ id }) => [
      4,
      `seamless: ${id}: allocations still have 1 address of cni/seamless; stop the jobs that use this network, then try again`,
    ]),
  );
  expect(await lab.step("nomad-job-delete", jobInput())).toMatchObject({ code: 0 });
  await expect(api.ask("job", { id: "seamless-probe" })).rejects.toThrow("(job not found)");
  const done = lab.clients.map(() => [0, ""]);
  expect(await removals("nomad-network-delete", networkInput)).toEqual(done);
  expect(await removals("nomad-host-remove", hostInput)).toEqual(done);
  for (const { name } of lab.clients) {
    await lab.until("the network to be gone", async () =>
      (await modesOf(name)).join() === "host" ? true : undefined,
    );
    expect(
      await sh(name, "ls -A /opt/cni/config /run/seamless /etc/seamless 2>/dev/null; true"),
    ).toBe("/opt/cni/config:");
    expect(await on(name, "ip", "netns", "list")).toBe("");
    expect(await on(name, "ip", "link", "show", "seamless0")).toContain("does not exist");
    expect(await on(name, "ip", "route", "show", "proto", "bird")).toBe("");
    expect(await sh(name, "command -v bird nft || echo gone")).toBe("gone");
  }
});
