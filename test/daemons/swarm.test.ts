import { remoteHost } from "../../components/ask/host";
import { busyboxServer } from "../../components/cluster/probe";
import { type ProbeInput, startProbes } from "../../components/hosts/probe";
import { hostsProbe } from "../../components/hosts/verify";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { applyToHost, removeFromHost } from "../../components/linux/apply";
import { hostInputOf } from "../../components/linux/planned";
import {
  applyNodeNetwork,
  applySwarmNetwork,
  removeNodeNetwork,
  removeSwarmNetwork,
} from "../../components/swarm/apply";
import { NodeDocker, onHosts } from "../../components/swarm/docker";
import { compareSwarm } from "../../components/swarm/inspect/compare";
import { lookOf } from "../../components/swarm/inspect/look";
import { joinCommand, joinFault, joinRequest } from "../../components/swarm/lab/join";
import { settingsOf } from "../../components/swarm/networks";
import { probeService, removeProbe, runProbe } from "../../components/swarm/probe";
import { readSwarm } from "../../components/swarm/read";
import { serviceRecords } from "../../components/swarm/records";
import { swarmProbe } from "../../components/swarm/verify";
import { OwnWord } from "../../components/swarm/verify/own-word";
import type { CoePlan, NodePlan, Plan } from "../../plan";
import type { SshShell } from "../../plan/access";
import { messageOf } from "../../util/errors";
import { busyboxTag, PlainHosts } from "../helpers/plain-hosts";
import { untilWithin } from "../helpers/until";

/*
 * A real Docker Swarm, manager and worker, and a host of another COE, behind a real reflector. Nodes are Debian with
 * systemd, sshd and Docker, reached by ssh. Those of the swarm have FRR; with BIRD they are in the lab.
 */

const addresses = { manager: "172.16.18.51", worker: "172.16.18.52", outside: "172.16.18.53" };
type Machine = keyof typeof addresses;

const passwords = { swarm: "of-the-swarm", other: "of-the-other" };

const planOf = (change: object = {}, worker = "10.90.1.0/24"): Plan =>
  makePlan(
    parseConfig(
      {
        network: { nodes: "172.16.18.0/24", asn: 64511 },
        reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
        coes: {
          swarm: {
            ...{ kind: "swarm", speaker: "frr", policy: "open", podCidr: "10.90.0.0/16" },
            access: { ssh: {} },
            nodes: {
              manager: { address: addresses.manager, role: "manager", podCidr: "10.90.0.0/24" },
              worker: { address: addresses.worker, podCidr: worker },
            },
            ...change,
          },
          other: {
            ...{ kind: "hosts", policy: "open", podCidr: "10.80.0.0/16", access: { ssh: {} } },
            nodes: { outside: { address: addresses.outside, podCidr: "10.80.0.0/24" } },
          },
        },
      },
      { secrets: { bgpPasswords: passwords } },
    ),
  );

const plan = planOf();
const hosts = new PlainHosts(plan, passwords);
const said: string[] = [];
const say = (line: string) => void said.push(line);
const shells: Record<string, SshShell> = {};

const swarmOf = (of = plan): CoePlan => there(of.coes.swarm);
const hostOf = (name: string) => remoteHost(name, there(shells[name]));
const run = () => onHosts({ manager: hostOf("manager"), worker: hostOf("worker") });
const dockerOf = (node: string) => new NodeDocker(run(), node);
const docker = (name: Machine, ...args: string[]) => hosts.on(name, "docker", ...args);
const refusal = (act: Promise<unknown>) => act.then(() => "done", messageOf);

function there<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("not there");
  return found;
}

const inputOf = (coe: CoePlan, node: NodePlan, of: Plan) =>
  hostInputOf(of, coe, node, there(shells[node.name]), coe.kind === "hosts" ? "docker" : "own");

/** Brings every host to a plan: FRR or BIRD, rules, and a network of Docker where its kind has one. */
async function applyHosts(of = plan): Promise<void> {
  const all = Object.values(of.coes).flatMap((coe) =>
    Object.values(coe.nodes).map((node) => ({ coe, node })),
  );
  await Promise.all(
    all.map(({ coe, node }) =>
      applyToHost(hostOf(node.name), inputOf(coe, node, of), { passwords, say }),
    ),
  );
}

/** The networks of the swarm, as the steps make them. */
async function applyNetworks(of = plan, earlier?: string): Promise<void> {
  const coe = swarmOf(of);
  for (const node of Object.values(coe.nodes))
    await applyNodeNetwork(dockerOf(node.name), settingsOf(coe, node), { say });
  await applySwarmNetwork(dockerOf("manager"), String(coe.network), earlier, { say });
}

const look = async (of = plan) =>
  compareSwarm(lookOf(of, swarmOf(of)), await readSwarm(swarmOf(of), run())).map(
    ({ level, id, found }) => `${level} ${id}: ${found}`,
  );

const until = untilWithin(100_000);

const ofSwarm = () => swarmProbe(swarmOf(), { nodes: shells }, "");
const ofOther = () => hostsProbe(there(plan.coes.other), { nodes: shells }, "");

/** What the server of one COE says to a container of the other one: the client's address as it has come. */
async function clientSeen(from: "swarm" | "other", on: string): Promise<string> {
  const [tasks, outside] = [
    await (await ofSwarm()).workloads(),
    await (await ofOther()).workloads(),
  ];
  if (!tasks.ok || !outside.ok) return "no answer";
  const task = tasks.value.find(({ node }) => node === `swarm/${on}`);
  const [container] = outside.value;
  if (task === undefined || container === undefined) return "no container";
  const [client, server] = from === "swarm" ? [task, container] : [container, task];
  const fetching = from === "swarm" ? await ofSwarm() : await ofOther();
  const got = await fetching.fetch(client, `http://${server.address}:8080/`);
  if (!got.ok) return got.silent === true ? "dropped" : got.error;
  const { client: address }: { client: string } = JSON.parse(got.value);
  return address === client.address ? "its own address" : address;
}
const everyWay = async () =>
  Promise.all(
    ["manager", "worker"].flatMap((on) => [clientSeen("swarm", on), clientSeen("other", on)]),
  );
const own = "its own address";

/** Addresses of the running tasks of a service, by node. */
async function tasks(service: string): Promise<Record<string, string>> {
  const found = await (await ofSwarm()).containers();
  if (!found.ok) return {};
  return Object.fromEntries(
    found.value
      .filter(({ name }) => name.startsWith(`${service}.`))
      .map(({ node, address }) => [node, address] as const)
      .sort(),
  );
}

const onRange = async (service: string) =>
  Object.values(await tasks(service)).map((address) => address.replace(/\d+$/, ""));

/** All networks of the swarm's nodes with driver and range, but for those that Docker makes for the routing mesh. */
async function networks(): Promise<string[]> {
  const all = await Promise.all(
    (["manager", "worker"] as const).map(async (name) => {
      const ids = (await docker(name, "network", "ls", "--quiet")).split("\n");
      const format = "{{.Name}} {{.Driver}} {{range .IPAM.Config}}{{.Subnet}} {{end}}";
      const lines = (await docker(name, "network", "inspect", "--format", format, ...ids)).split(
        "\n",
      );
      return lines.map((line) => `${name}: ${line.trim()}`);
    }),
  );
  return all
    .flat()
    .filter((line) => !/ docker_gwbridge |worker: ingress /.test(line))
    .sort();
}

const ingress = () =>
  docker(
    "manager",
    "network",
    "inspect",
    "ingress",
    "--format",
    "{{.Id}} {{.IPAM.Config}} {{.Options}}",
  );
let before: { readonly networks: string[]; readonly ingress: string };

beforeAll(async () => {
  await hosts.up();
  for (const [name, address] of Object.entries(addresses)) {
    shells[name] = await hosts.shell(name, address);
    await hosts.give(name);
  }
  await docker("manager", "swarm", "init", "--advertise-addr", addresses.manager);
  await join();
  before = { networks: await networks(), ingress: await ingress() };
}, 400_000);

afterAll(() => hosts.down(), 60_000);

beforeEach(() => said.splice(0));

async function join(): Promise<void> {
  const token = await docker("manager", "swarm", "join-token", "--quiet", "worker");
  const input = joinRequest(addresses.worker, addresses.manager, token);
  const fault = joinFault(await hostOf("worker").run(joinCommand, { input }));
  if (fault !== undefined) throw new Error(fault);
}

test("a swarm that is not joined has nothing in the way; its workers cannot make the network", async () => {
  expect(await look()).toEqual([]);
  expect(
    await refusal(applySwarmNetwork(dockerOf("worker"), "seamless", undefined, { say })),
  ).toContain("Cannot create a multi-host network from a worker node.");
});

test("it joins: settings on each node, the network on a manager, FRR and rules; and everybody has every route", async () => {
  await applyHosts();
  await applyNetworks();
  expect(await look()).toEqual([]);
  const routes = async () =>
    Promise.all(
      (["manager", "worker", "outside"] as const).map(async (name) =>
        (
          await hosts.on(
            ...([name, "ip", "-o", "route", "show"] as const),
            ...["proto", name === "outside" ? "bird" : "bgp"],
          )
        )
          .split("\n")
          .map((line) =>
            line
              .replace(/ dev .*/, "")
              .replace(/ nhid \d+/, "")
              .trim(),
          )
          .filter((line) => !line.startsWith("blackhole"))
          .sort(),
      ),
    );
  const [m, w, o] = [
    "10.90.0.0/24 via 172.16.18.51",
    "10.90.1.0/24 via 172.16.18.52",
    "10.80.0.0/24 via 172.16.18.53",
  ];
  await until("the routes", routes, [[o, w].map(String), [o, m].map(String), [m, w].map(String)]);
}, 200_000);

test("tasks are reached from outside by their own addresses, and reach others by them", async () => {
  const server = { instances: 2, image: busyboxTag };
  await runProbe(
    dockerOf("manager"),
    probeService(swarmOf(), server, ["/bin/busybox", "sh", "-c", busyboxServer]),
    { say },
  );
  const outside: ProbeInput = {
    hosts: [{ name: "other/outside", shell: there(shells.outside) }],
    image: busyboxTag,
  };
  await startProbes(outside);
  await until("every way", everyWay, [own, own, own, own]);
  expect(await onRange("seamless-probe")).toEqual(["10.90.0.", "10.90.1."]);
}, 120_000);

test("the swarm says of itself what verify asks", async () => {
  const said = await ofSwarm();
  const { manager, worker } = addresses;
  expect(await said.nodes()).toMatchObject({
    value: expect.arrayContaining([
      { name: "manager", address: manager },
      { name: "worker", address: worker },
    ]),
  });
  const blocks = await said.blocks();
  expect(blocks.ok && blocks.value.map(({ cidr, owners }) => [cidr, ...owners])).toEqual([
    ["10.90.0.0/24", "swarm/manager"],
    ["10.90.1.0/24", "swarm/worker"],
  ]);
  expect(await said.objects(plan)).toMatchObject({ ok: true, value: [] });
});

test("services have records for a name server, and overlays stay as they are", async () => {
  await docker("manager", "network", "create", "--driver", "overlay", "backend");
  await docker(
    ...([
      "manager",
      "service",
      "create",
      "--detach",
      "--no-resolve-image",
      "--name",
      "both",
    ] as const),
    ...["--mode", "global", "--network", "seamless", "--network", "backend"],
    ...["--publish", "8088:8080", busyboxTag],
  );
  await until("the tasks of both", () => onRange("both"), ["10.90.0.", "10.90.1."]);
  const found = await new OwnWord(swarmOf(), run()).tasks();
  const both = await tasks("both");
  expect(found.ok && serviceRecords(found.value, "swarm.example").split("\n").slice(0, 2)).toEqual(
    Object.values(both).map((address) => `${address} both.swarm.example`),
  );
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
  const [id = ""] = (await docker("worker", "ps", "--quiet", "--filter", "name=both")).split("\n");
  expect(await docker("worker", "inspect", "--format", format, id)).toMatch(/\b10\.0\.\d+\.\d+ /);
  expect(await ingress()).toBe(before.ingress);
  await docker("manager", "service", "rm", "both");
  await until("the end of both", () => tasks("both"), {});
  await until("backend to go", () => docker("manager", "network", "rm", "backend"), "backend");
}, 120_000);

test("another range, another name and an end are refused while tasks use the network", async () => {
  const other = planOf({}, "10.90.9.0/24");
  const [worker = ""] = (await docker("worker", "ps", "--format", "{{.Names}}")).split("\n");
  expect(await look(other)).toEqual([
    "blocks network/worker: network seamless-node of 10.90.1.0/24; the plan says seamless-node of 10.90.9.0/24",
  ]);
  expect(await refusal(applyNetworks(other))).toBe(
    `worker: network seamless-node of coes.swarm is to change or to go, and containers use it: ${worker}; move them first: docker node update --availability drain worker (active again after the update), and remove those that are no tasks`,
  );
  expect(await look(planOf({ network: "other" }))).toEqual([
    "blocks network/manager: network seamless-node of 10.90.0.0/24; the plan says other-node of 10.90.0.0/24",
    "blocks network/worker: network seamless-node of 10.90.1.0/24; the plan says other-node of 10.90.1.0/24",
    "blocks network/swarm: network seamless of an earlier plan; the plan says other; services use it: seamless-probe",
  ]);
  expect(await refusal(removeSwarmNetwork(dockerOf("manager"), "seamless", { say }))).toBe(
    "manager: network seamless is to go, and services use it: seamless-probe; take it from them first: docker service update --network-rm seamless SERVICE, or docker service rm SERVICE",
  );
  expect(await refusal(removeNodeNetwork(dockerOf("worker"), "swarm", { say }))).toContain(
    `containers use it: ${worker}; move them first`,
  );
  expect(await everyWay()).toEqual([own, own, own, own]);
});

test("a node that is drained gets another range, and its tasks addresses of it", async () => {
  const availability = (to: string) =>
    docker("manager", "node", "update", "--availability", to, "worker");
  for (const subnet of ["10.90.9.0/24", "10.90.1.0/24"]) {
    await availability("drain");
    await until("the worker to be empty", () => docker("worker", "ps", "--quiet"), "");
    await applyNetworks(planOf({}, subnet));
    await availability("active");
    await docker("manager", "service", "update", "--detach", "--force", "seamless-probe");
    await until("tasks on both", () => onRange("seamless-probe"), [
      "10.90.0.",
      subnet.replace("0/24", ""),
    ]);
  }
}, 180_000);

test("Docker restarted: the network stays, and tasks are reached as before", async () => {
  await hosts.on("worker", "systemctl", "stop", "docker.socket", "docker.service");
  expect(await look()).toEqual([
    expect.stringMatching(/^blocks node\/worker: .*Cannot connect to the Docker daemon at unix:/),
  ]);
  await hosts.on("worker", "systemctl", "start", "docker.service");
  await until("every way", everyWay, [own, own, own, own]);
  expect(await look()).toEqual([]);
}, 120_000);

test("a node that leaves the swarm is in the way; when it has come back, nothing is to be done", async () => {
  await docker("worker", "swarm", "leave");
  expect(await look()).toEqual(["blocks swarm/worker: its Docker is in no swarm (inactive)"]);
  await join();
  await docker("manager", "service", "update", "--detach", "--force", "seamless-probe");
  await until("every way", everyWay, [own, own, own, own]);
  expect(await look()).toEqual([]);
}, 120_000);

test("a policy lets in whom it names, and nobody else", async () => {
  await applyHosts(planOf({ policy: "closed" }));
  await until("nobody to be let in", everyWay, [own, "dropped", own, "dropped"]);
  const fromWorker = async () => {
    const [task] = Object.values(await tasks("seamless-probe"));
    const workloads = await (await ofSwarm()).workloads();
    const worker = workloads.ok
      ? workloads.value.find(({ node }) => node === "swarm/worker")
      : undefined;
    if (worker === undefined) return false;
    return (await (await ofSwarm()).fetch(worker, `http://${task}:8080/`)).ok;
  };
  await until("the swarm's own tasks to be let in", fromWorker, true);
  await applyHosts(planOf({ policy: "cross-coe", allowFrom: ["other"] }));
  await until("the others to be let in", everyWay, [own, own, own, own]);
  await applyHosts();
}, 120_000);

test("without tasks the network takes another name, and what is removed leaves nothing", async () => {
  await removeProbe(dockerOf("manager"), { say });
  await until("the end of the probe", () => tasks("seamless-probe"), {});
  await applyNetworks(planOf({ network: "other" }), "seamless");
  expect((await networks()).filter((line) => /seamless|other/.test(line))).toEqual([
    "manager: other bridge",
    "manager: other-node null 10.90.0.0/24",
    "worker: other-node null 10.90.1.0/24",
  ]);
  await removeSwarmNetwork(dockerOf("manager"), "other", { say });
  for (const node of Object.values(swarmOf().nodes)) {
    await removeNodeNetwork(dockerOf(node.name), "swarm", { say });
    await removeFromHost(hostOf(node.name), inputOf(swarmOf(), node, plan), say);
  }
  expect(await networks()).toEqual(before.networks);
  expect(await (await ofSwarm()).left(plan, {})).toMatchObject({ ok: true, value: { faults: [] } });
}, 120_000);
