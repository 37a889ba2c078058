import { labRouters } from "../../components/kinds/lab";
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { lookAtRouter } from "../../components/reflector/external/look";
import { frrNeighbours } from "../../components/reflector/frr/tables";
import { writeRouters } from "../../lab/hosts/write";
import { systemTag } from "../../lab/images/debian";
import { machineImage, tagOf } from "../../lab/images/images";
import { routerContainer, routerFolder } from "../../lab/names";
import { fabricNetwork, hostNetworks } from "../../lab/networks";
import type { Plan, ReflectorPlan } from "../../plan";
import { rootArchive } from "../../util/debian";
import { Docker } from "../../util/docker";
import { execOrThrow } from "../../util/exec";
import { contains } from "../../util/net";
import { waitFor } from "../../util/wait";
import { TestDocker } from "../helpers/dockerd";

/** The routers of the lab with racks, on a Docker daemon as the lab has it, without its hosts. */
const config = readStackConfig("Pulumi.racks.yaml");
const plan = makePlan(config);
const names = Object.keys(plan.reflectors);
const { machine, read } = labRouters.external;
const daemon = new TestDocker();
const lab = daemon.name;
const before = process.env.SEAMLESS_STATE;
const docker = (...args: string[]) =>
  execOrThrow(["docker", "--host", daemon.host, ...args], { timeoutMs: 60_000 });
const inside = (router: string, ...argv: string[]) =>
  docker("exec", routerContainer(lab, router), ...argv);

beforeAll(async () => {
  await daemon.up();
  process.env.SEAMLESS_STATE = daemon.stateFolder;
  await writeRouters(lab, plan, names, labRouters, () => undefined);
  const images = new Docker(daemon.host);
  await images.import(
    await rootArchive(machine.system, () => undefined),
    systemTag(machine.system),
  );
  await images.build(machineImage(machine));
  const [fabric, ...racks] = [fabricNetwork(lab), ...hostNetworks(lab, plan)];
  for (const { docker: name, subnets, options = {} } of [fabric, ...racks])
    await docker(
      ...["network", "create", ...subnets.map((one) => `--subnet=${one}`)],
      ...Object.entries(options).map(([key, value]) => `--opt=${key}=${value}`),
      name,
    );
  for (const router of Object.values(plan.reflectors)) {
    const own = racks.find(({ subnets }) => subnets.some((one) => contains(one, router.address)));
    await start(router, own?.docker ?? "", fabric.docker);
  }
}, 300_000);

afterAll(async () => {
  if (before === undefined) delete process.env.SEAMLESS_STATE;
  else process.env.SEAMLESS_STATE = before;
  await daemon.down();
}, 120_000);

/** As the lab's component has it. */
async function start({ name, address }: ReflectorPlan, rack: string, fabric: string) {
  const container = routerContainer(lab, name);
  await docker(
    ...["create", `--name=${container}`, `--hostname=${name}`, "--privileged"],
    ...["--cgroupns=private", "--tmpfs=/run", "--tmpfs=/run/lock"],
    ...[`--network=${rack}`, `--ip=${address}`],
    ...[`--mount=type=bind,source=${routerFolder(lab, name)},target=/etc/lab,readonly`],
    tagOf(machine),
  );
  await docker("network", "connect", fabric, container);
  await docker("start", container);
}

/** What a router says of its sessions, by address. */
async function sessions(router: string) {
  const asked = await inside(router, "vtysh", "-c", "show bgp summary json");
  return Object.fromEntries(
    frrNeighbours.parse(asked.stdout, Date.now()).map((one) => [one.address, one]),
  );
}

test("routers of racks reach each other by the fabric, and have their session", async () => {
  const what = "the session of tor-1 with tor-2";
  await waitFor({ what, timeoutMs: 60_000, intervalMs: 500 }, async () => {
    const state = await sessions("tor-1")
      .then((all) => all["172.16.2.254"]?.state)
      .catch((error: Error) => error.message);
    return state === "Established"
      ? { done: true, value: undefined }
      : { done: false, seen: `${state}` };
  });
  const failed = names.map((name) => inside(name, "systemctl", "--failed", "--no-legend"));
  expect((await Promise.all(failed)).map(({ stdout }) => stdout)).toEqual(["", ""]);
  const { stdout } = await inside("tor-1", "ip", "route", "show", "default");
  expect(stdout).toBe("");
}, 90_000);

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
    "tor-1: has all that the plan needs, with 4 neighbours",
    "tor-2: has all that the plan needs, with 3 neighbours",
  ]);
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const { "worker-1": _, ...nodes } = kubernetes.nodes;
  const smaller = makePlan({
    ...config,
    coes: { ...config.coes, kubernetes: { ...kubernetes, nodes } },
  });
  const up = (await sessions("tor-1"))["172.16.2.254"]?.uptimeSeconds ?? 0;
  await writeRouters(lab, smaller, names, labRouters, () => undefined);
  const after = await sessions("tor-1");
  expect(Object.keys(after).sort()).toEqual(["172.16.1.33", "172.16.1.43", "172.16.2.254"]);
  expect(after["172.16.2.254"]?.state).toBe("Established");
  expect(after["172.16.2.254"]?.uptimeSeconds).toBeGreaterThanOrEqual(up);
}, 60_000);
