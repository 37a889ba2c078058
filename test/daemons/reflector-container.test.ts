import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { widenReflector } from "../../components/reflector/change";
import { containerDaemon, seedVolume } from "../../components/reflector/container";
import type { RouterDaemon } from "../../components/reflector/contract";
import { gobgp } from "../../components/reflector/gobgp";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { configFile, gobgpContainer } from "../../components/reflector/gobgp/container";
import { gobgpImage, gobgpTag } from "../../components/reflector/gobgp/image";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import { reload } from "../../components/reflector/reload";
import { Docker } from "../../util/docker";
import { waitFor } from "../../util/wait";
import { runConfined } from "../helpers/confined";
import { TestDocker } from "../helpers/dockerd";

const daemon = new TestDocker();
const said: string[] = [];
const options = { say: (message: string) => said.push(message) };
let gobgpd: RouterDaemon;

const lab = readStackConfig("Pulumi.lab.yaml");

/** The reflector's file for the lab, or for Kubernetes alone. */
function fileOf(...coes: string[]): string {
  const kept = Object.entries(lab.coes).filter(([name]) => coes.includes(name));
  const plan = makePlan({ ...lab, coes: Object.fromEntries(kept) });
  const found = plan.reflectors.reflector;
  if (found === undefined) throw new Error("no reflector in the plan");
  return renderGobgp(gobgpConfig(plan, found));
}

const [half, whole] = [fileOf("kubernetes"), fileOf("kubernetes", "dcos")];
const started = () => daemon.docker("inspect", "--format", "{{.State.StartedAt}}", "rr");

beforeAll(async () => {
  await daemon.up();
  await new Docker(daemon.host).build(gobgpImage());
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  await daemon.docker("volume", "create", "conf");
  await seedVolume(gobgp, { dockerHost: daemon.host }, gobgpTag, "conf", half);
  const networksAdvanced = [{ name: "nodes", ipv4Address: "172.16.18.32" }];
  await runConfined(daemon, { name: "rr", image: gobgpTag, volume: "conf", networksAdvanced });
  gobgpd = containerDaemon(gobgp, { dockerHost: daemon.host }, "rr");
}, 120_000);

afterAll(() => daemon.down(), 60_000);

beforeEach(() => said.splice(0));

test("starts with the seeded file, and leaves no container behind", async () => {
  expect(await reload(gobgpd, half, options)).toBe("rr: 4 neighbours, 8 ranges accepted");
  expect(await daemon.docker("ps", "--all", "--format", "{{.Names}}")).toBe("rr");
});

test("seeds no volume that has a file", async () => {
  await seedVolume(gobgp, { dockerHost: daemon.host }, gobgpTag, "conf", whole);
  expect(await gobgpd.read()).toBe(half);
});

test("tells a file that is not there from a Docker that does not answer", async () => {
  await daemon.docker("create", "--name", "bare", gobgpTag, "gobgpd");
  const bare = containerDaemon(gobgp, { dockerHost: daemon.host }, "bare");
  expect(await bare.read()).toBeUndefined();
  await daemon.docker("rm", "bare");
  expect(await bare.read()).toBeUndefined();
  const away = containerDaemon(gobgp, { dockerHost: `${daemon.host}.gone` }, "rr");
  await expect(away.read()).rejects.toThrow("Cannot connect to the Docker daemon");
});

test("takes over new neighbours as it runs", async () => {
  const before = await started();
  expect(await reload(gobgpd, whole, options)).toBe("rr: 8 neighbours, 18 ranges accepted");
  expect(await gobgpd.read()).toBe(whole);
  expect([await started(), said]).toEqual([before, []]);
});

test("keeps what it has when gobgpd refuses the file", async () => {
  const broken = whole.replace("router-id", "router-ip");
  await expect(reload(gobgpd, broken, options)).rejects.toThrow(
    "rr keeps its configuration: Can't read config file: decoding failed due to the following error(s): 'global.config' has invalid keys: router-ip",
  );
  expect(await gobgpd.read()).toBe(whole);
});

test("gets a daemon going again that its file keeps from running", async () => {
  await gobgpd.write("nonsense");
  await gobgpd.restart();
  expect(await widenReflector(gobgpd, half, options)).toBe("rr: 4 neighbours, 8 ranges accepted");
  expect(said).toEqual(["rr: restarting gobgpd"]);
});

test("asks a daemon of an older version of this program on TCP", async () => {
  await daemon.docker("network", "create", "--subnet", "172.16.19.0/24", "older");
  const file = half.replaceAll("172.16.18.32", "172.16.19.32");
  await seedVolume(gobgp, { dockerHost: daemon.host }, gobgpTag, "older", file);
  await daemon.docker(
    ...["run", "--detach", "--name", "old", "--network", "older", "--ip", "172.16.19.32"],
    ...["--volume", `older:${gobgpContainer.configFolder}`, gobgpTag],
    ...["gobgpd", "-t", "toml", "-f", configFile, "--api-hosts", "127.0.0.1:50051"],
  );
  const old = containerDaemon(gobgp, { dockerHost: daemon.host }, "old");
  await waitFor({ what: "old to answer", timeoutMs: 15_000 }, () =>
    old.ask(["global"]).then(
      () => ({ done: true, value: undefined }) as const,
      (error: Error) => ({ done: false, seen: error.message }) as const,
    ),
  );
  expect(JSON.parse(await old.ask(["global"]))).toMatchObject({ asn: 64511 });
});

test("makes a file readable that was for root alone, and leaves what it says", async () => {
  await daemon.docker("volume", "create", "private");
  const access = { dockerHost: daemon.host };
  await seedVolume(gobgp, access, gobgpTag, "private", half);
  const mount = await daemon.docker("volume", "inspect", "--format", "{{.Mountpoint}}", "private");
  const file = join(mount, "gobgpd.toml");
  await chmod(file, 0o600);
  await seedVolume(gobgp, access, gobgpTag, "private", whole);
  const { mode, uid } = await stat(file);
  expect([mode & 0o777, uid, await readFile(file, "utf8")]).toEqual([0o640, 65530, half]);
});
