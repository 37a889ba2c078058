import { labKinds, labRouters } from "../../components/kinds/lab";
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { lookAtRouter } from "../../components/reflector/external/look";
import { frrNeighbours } from "../../components/reflector/frr/tables";
import { writeHosts, writeRouters } from "../../lab/hosts/write";
import { systemTag } from "../../lab/images/debian";
import { machineImage, tagOf } from "../../lab/images/images";
import { hostContainer, hostFolder, routerContainer, routerFolder } from "../../lab/names";
import { fabricNetwork, hostNetworks, separateRacks } from "../../lab/networks";
import type { NodePlan, Plan } from "../../plan";
import { type Addressed, addressOf, families } from "../../plan/families";
import { rootArchive } from "../../util/debian";
import { Docker } from "../../util/docker";
import { exec, execOrThrow } from "../../util/exec";
import { contains } from "../../util/net";
import { inFamily } from "../../util/ranges";
import { waitFor } from "../../util/wait";
import { TestDocker } from "../helpers/dockerd";

/** The routers of the lab with racks, on a Docker daemon as the lab has it, with no hosts but one in each rack. */
const config = readStackConfig("Pulumi.racks.yaml");
const plan = makePlan(config);
const names = Object.keys(plan.reflectors);
const { machine, read } = labRouters.external;
const daemon = new TestDocker();
const lab = daemon.name;
const stateBefore = process.env.SEAMLESS_STATE;
const docker = (...args: string[]) =>
  execOrThrow(["docker", "--host", daemon.host, ...args], { timeoutMs: 60_000 });
const inside = (router: string, ...argv: string[]) =>
  docker("exec", routerContainer(lab, router), ...argv);

const { plain } = plan.coes;
if (plain === undefined) throw new Error("no plain hosts in the lab");
const hosts = Object.values(plain.nodes);

beforeAll(async () => {
  await daemon.up();
  process.env.SEAMLESS_STATE = daemon.stateFolder;
  await writeRouters(lab, plan, names, labRouters, () => undefined);
  const racks = separateRacks(plan);
  await writeHosts(lab, [plain], labKinds, () => undefined, racks);
  const images = new Docker(daemon.host);
  await images.import(
    await rootArchive(machine.system, () => undefined),
    systemTag(machine.system),
  );
  await images.build(machineImage(machine));
  const fabric = fabricNetwork(lab, racks);
  for (const { docker: name, subnets, options = {} } of [fabric, ...hostNetworks(lab, plan)])
    await docker(
      ...["network", "create", ...subnets.map((one) => `--subnet=${one}`)],
      ...(inFamily(subnets, 6).length > 0 ? ["--ipv6"] : []),
      ...Object.entries(options).map(([key, value]) => `--opt=${key}=${value}`),
      name,
    );
  for (const router of Object.values(plan.reflectors)) {
    const container = routerContainer(lab, router.name);
    await create(container, router, routerFolder(lab, router.name));
    await docker("network", "connect", fabric.docker, container);
    await docker("start", container);
  }
  for (const host of hosts) {
    const container = hostContainer(lab, plain.name, host.name);
    await create(container, host, hostFolder(lab, plain.name, host), "sleep", "infinity");
    await docker("start", container);
    await docker("exec", container, "sh", "/etc/lab/racks.sh");
  }
}, 300_000);

afterAll(async () => {
  if (stateBefore === undefined) delete process.env.SEAMLESS_STATE;
  else process.env.SEAMLESS_STATE = stateBefore;
  await daemon.down();
}, 120_000);

/** As the lab's component has it. @param argv what runs there instead of systemd */
async function create(
  container: string,
  { name, address, address6 }: Addressed & { readonly name: string },
  files: string,
  ...argv: readonly string[]
) {
  const own = hostNetworks(lab, plan).find(({ subnets }) =>
    subnets.some((one) => contains(one, address)),
  );
  await docker(
    ...["create", `--name=${container}`, `--hostname=${name}`, "--privileged"],
    ...["--cgroupns=private", "--tmpfs=/run", "--tmpfs=/run/lock"],
    ...[`--network=${own?.docker}`, `--ip=${address}`],
    ...(address6 === undefined ? [] : [`--ip6=${address6}`]),
    ...[`--mount=type=bind,source=${files},target=/etc/lab,readonly`],
    ...[tagOf(machine), ...argv],
  );
}

/** What a router says of its sessions, by address. */
async function sessions(router: string) {
  const asked = await inside(router, "vtysh", "-c", "show bgp summary json");
  return Object.fromEntries(
    frrNeighbours.parse(asked.stdout, Date.now()).map((one) => [one.address, one]),
  );
}

/** The other router, as tor-1 has it in each family. */
const far = ["172.16.2.254", "2001:db8:18::ac10:2fe"];

test("routers of racks reach each other by the fabric, and have their session in each family", async () => {
  const what = "the sessions of tor-1 with tor-2";
  await waitFor({ what, timeoutMs: 120_000, intervalMs: 500 }, async () => {
    const states = await sessions("tor-1")
      .then((all) => far.map((address) => `${all[address]?.state}`))
      .catch((error: Error) => [error.message]);
    return states.every((state) => state === "Established")
      ? { done: true, value: undefined }
      : { done: false, seen: states.join(", ") };
  });
  const failed = names.map((name) => inside(name, "systemctl", "--failed", "--no-legend"));
  expect((await Promise.all(failed)).map(({ stdout }) => stdout)).toEqual(["", ""]);
  for (const family of families) {
    const { stdout } = await inside("tor-1", "ip", `-${family}`, "route", "show", "default");
    expect(stdout).toBe("");
  }
}, 150_000);

/** Who answers a packet of a host that may pass so many routers less one. */
async function answers(from: NodePlan, to: string, hops: number): Promise<string> {
  const ping = ["ping", "-n", "-c", "1", "-W", "5", "-t", `${hops}`, to];
  const container = hostContainer(lab, "plain", from.name);
  // It fails where a router answers.
  const { stdout, stderr } = await exec([
    "docker",
    "--host",
    daemon.host,
    "exec",
    container,
    ...ping,
  ]);
  return (
    /^(?:From|\d+ bytes from) ([0-9a-f.:]+?):? icmp_seq=1 /m.exec(stdout)?.[1] ?? stdout + stderr
  );
}

test.each(families)(
  "packets of IPv%s between hosts of two racks pass both routers",
  async (family) => {
    const [one, other] = hosts;
    if (one === undefined || other === undefined) throw new Error("no two hosts");
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const end = addressOf(to, family) ?? "";
      const routers = [from, to].map(({ rack }) =>
        Object.values(plan.reflectors).find((router) => router.rack === rack),
      );
      const way = routers.map((router) => router && addressOf(router, family));
      const seen = [];
      for (const hops of [1, 2, 3]) seen.push(await answers(from, end, hops));
      expect(seen).toEqual([...way, end]);
    }
  },
  90_000,
);

const look = (of: Plan, reflector: string) =>
  lookAtRouter({
    plan: of,
    reflector,
    read: {
      program: read.program,
      argv: [
        "docker",
        "--host",
        daemon.host,
        "exec",
        routerContainer(lab, reflector),
        ...read.argv,
      ],
    },
  });

test("they have all of the plan, and a node that goes resets nobody's session", async () => {
  expect(await Promise.all(names.map((name) => look(plan, name)))).toEqual([
    "tor-1: has all that the plan needs, with 9 neighbours",
    "tor-2: has all that the plan needs, with 7 neighbours",
  ]);
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const { "worker-1": _, ...nodes } = kubernetes.nodes;
  const smaller = makePlan({
    ...config,
    coes: { ...config.coes, kubernetes: { ...kubernetes, nodes } },
  });
  const before = await sessions("tor-1");
  await writeRouters(lab, smaller, names, labRouters, () => undefined);
  const after = await sessions("tor-1");
  const gone = ["172.16.1.34", "2001:db8:18::ac10:122"];
  expect(Object.keys(after).sort()).toEqual(
    Object.keys(before)
      .filter((address) => !gone.includes(address))
      .sort(),
  );
  for (const address of far) {
    expect(after[address]?.state).toBe("Established");
    expect(after[address]?.uptimeSeconds).toBeGreaterThanOrEqual(
      before[address]?.uptimeSeconds ?? 0,
    );
  }
}, 60_000);
