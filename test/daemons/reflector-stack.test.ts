import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { Header } from "tar";
import { gobgpApi } from "../../components/reflector/gobgp/container";
import { exec } from "../../util/exec";
import { TestDocker } from "../helpers/dockerd";
import { TestStack } from "../helpers/engine";

const root = resolve(__dirname, "..", "..");
const dist = join(root, "dist");
const daemon = new TestDocker();
let stack: TestStack;

/** The reflector for some of the lab's engines. */
const program = (...coes: string[]) => guarded(undefined, ...coes);

/** The same with a password of the sessions with Kubernetes. */
const guarded = (
  password: string | undefined,
  ...coes: string[]
) => `import { secret } from "@pulumi/pulumi";
import { Reflector } from "${dist}/components/reflector";
import { makePlan, readStackConfig } from "${dist}/components/kinds/planning";
const lab = readStackConfig("${root}/Pulumi.lab.yaml");
const coes = Object.fromEntries(${JSON.stringify(coes)}.map((name) => [name, lab.coes[name]]));
const bgpPasswords = ${password === undefined ? "[]" : '["kubernetes"]'};
const plan = makePlan({ ...lab, coes, bgpPasswords });
const passwords = secret({ kubernetes: "${password}" });
const args = { plan, reflector: plan.reflectors.reflector, passwords, dockerHost: "${daemon.host}", network: "nodes" };
new Reflector("reflector", args, {});
`;

/** Runs pulumi. @returns what it printed @throws Error with that when it fails */
const up = () => stack.must("up", "--yes", "--skip-preview");
const container = () => daemon.docker("inspect", "--format", "{{.Id}}", "seamless-reflector");
const neighbours = async () =>
  (await daemon.docker("exec", "seamless-reflector", "gobgp", "--target", gobgpApi, "neighbor"))
    .split("\n")
    .slice(1)
    .map((line) => line.split(" ")[0]);

const kubernetes = ["33", "34", "35", "36"].map((last) => `172.16.18.${last}`);
const dcos = ["43", "44", "45", "46"].map((last) => `172.16.18.${last}`);

beforeAll(async () => {
  await daemon.up();
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  stack = await TestStack.make(["command", "docker"]);
  symlinkSync(join(root, "bin"), join(stack.folder, "bin"));
  stack.write("index.ts", program("kubernetes"));
}, 120_000);

afterAll(async () => {
  stack?.remove();
  await daemon.down();
});

test("comes up with its neighbours, and has nothing to do the second time", async () => {
  await up();
  expect(await neighbours()).toEqual(kubernetes);
  await stack.must("preview", "--expect-no-changes");
}, 120_000);

test("a preview shows new neighbours as lines of the file, and they come without a new container", async () => {
  const before = await container();
  stack.write("index.ts", program("kubernetes", "dcos"));
  const preview = await stack.must("preview", "--diff");
  expect(preview).toMatch(/^ *\+ neighbor-address = "172\.16\.18\.43"$/m);
  expect(preview).not.toContain("docker:index/container:Container");
  await up();
  expect(await neighbours()).toEqual([...kubernetes, ...dcos]);
  expect(await container()).toBe(before);
}, 120_000);

test("a container that was removed comes back with the last file", async () => {
  await daemon.docker("rm", "--force", "seamless-reflector");
  await stack.must("up", "--yes", "--skip-preview", "--refresh");
  expect(await neighbours()).toEqual([...kubernetes, ...dcos]);
  await stack.must("preview", "--expect-no-changes");
}, 120_000);

/** Passwords by address, as GoBGP has them. */
async function passwords(): Promise<Record<string, string>> {
  const gobgp = ["gobgp", "--target", gobgpApi, "-j", "neighbor"];
  const all: { conf: { neighbor_address: string; auth_password?: string } }[] = JSON.parse(
    await daemon.docker("exec", "seamless-reflector", ...gobgp),
  );
  return Object.fromEntries(
    all.map(({ conf }) => [conf.neighbor_address, conf.auth_password ?? "none"]),
  );
}

const withPassword = (password: string) =>
  Object.fromEntries([
    ...kubernetes.map((address) => [address, password]),
    ...dcos.map((address) => [address, "none"]),
  ]);

test("passwords reach gobgpd, and neither what is printed nor the plain state", async () => {
  const before = await container();
  for (const password of ["hunter2-first", 'hunter2-"second\\']) {
    stack.write("index.ts", guarded(password.replaceAll(/["\\]/g, "\\$&"), "kubernetes", "dcos"));
    const preview = await stack.must("preview", "--diff");
    const said = await stack.must("up", "--yes", "--diff");
    expect(await passwords()).toEqual(withPassword(password));
    expect(await container()).toBe(before);
    const inspected = await daemon.docker("inspect", "seamless-reflector");
    for (const text of [preview, said, inspected, stack.rawState()])
      expect(text).not.toContain("hunter2");
    if (password === "hunter2-first")
      expect(preview).toContain('+ auth-password = "seamless:bgpPasswords.kubernetes"');
    else expect(preview).toMatch(/^ +~ 2 to update$/m);
    await stack.must("preview", "--expect-no-changes");
  }
}, 240_000);

test("the file is for gobgpd's own user", async () => {
  const argv = [
    "docker",
    "--host",
    daemon.host,
    "cp",
    "seamless-reflector:/etc/gobgp/gobgpd.toml",
    "-",
  ];
  const { stdout } = await exec(argv);
  const { mode, uid, gid } = new Header(Buffer.from(stdout.slice(0, 512), "latin1"));
  expect([mode?.toString(8), uid, gid]).toEqual(["100640", 65530, 0]);
});

test("without them the neighbours have none, and the file is as before", async () => {
  stack.write("index.ts", program("kubernetes", "dcos"));
  await up();
  expect(await passwords()).toEqual(withPassword("none"));
  await stack.must("preview", "--expect-no-changes");
}, 120_000);

test("limits the processes of its container", async () => {
  const format = "{{.HostConfig.PidsLimit}}";
  expect(await daemon.docker("inspect", "--format", format, "seamless-reflector")).toBe("512");
});

test("leaves nothing but its image", async () => {
  await stack.must("destroy", "--yes", "--skip-preview");
  expect(await daemon.docker("ps", "--all", "--quiet")).toBe("");
  expect(await daemon.docker("volume", "ls", "--quiet")).toBe("");
}, 120_000);

test("of a Docker host that does not answer the look alone speaks", async () => {
  const nowhere = `unix://${stack.folder}/nowhere.sock`;
  stack.write("index.ts", program("kubernetes").replace(daemon.host, nowhere));
  const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(code).not.toBe(0);
  expect(stdout).toContain(
    `reflector cannot be changed as planned; nothing was changed: Docker at ${nowhere} does not answer: `,
  );
  expect(stdout).not.toMatch(/reflector-(image|config)\b.*failed/);
  const types = (await stack.resources()).map(({ type }) => type);
  expect(types.filter((type) => /^(command|docker):/.test(type))).toEqual([]);
}, 120_000);
