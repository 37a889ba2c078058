import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { mkdir, readFile, readlink, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Docker } from "../../util/docker";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { type Machine, machineState } from "../helpers/machine";

const project = resolve(__dirname, "..", "..");
const name = `t${process.pid}`;
const state = mkdtempSync(join(tmpdir(), "seamless-machine-"));
const cache = join(state, "cache");
const folder = join(state, `lab-${name}`);
const forwards = { etcd: { port: 32379, to: "127.0.0.1:2379" } };

/** A step of the compiled command line, with folders of its own; the tools stay where they are. */
function step(command: string, input: unknown, from = state): Promise<ExecResult> {
  return exec([join(project, "bin", "seamless"), "internal", command], {
    cwd: project,
    input: JSON.stringify(input),
    timeoutMs: 120_000,
    env: { SEAMLESS_STATE: from, SEAMLESS_CACHE: cache, NO_COLOR: "1" },
  });
}

const down = () => step("lab-machine-down", { name });
const pidOf = async (file: string) => (await readFile(join(folder, file), "utf8")).trim();

beforeAll(() => {
  mkdirSync(cache);
  symlinkSync(toolsBin(), join(cache, "bin"));
});

afterAll(async () => {
  await down();
  await rm(state, { recursive: true, force: true });
}, 120_000);

let before: Machine;
beforeAll(async () => {
  before = await machineState();
});

test("a port that is taken is named, with who has it and what to do", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(forwards.etcd.port, "127.0.0.1", done));
  const result = await step("lab-machine", { name, forwards });
  await new Promise((done) => server.close(done));
  // The kernel's name of this program; the process may call itself by its path.
  const program = (await readFile("/proc/self/comm", "utf8")).trim();
  expect(result.stderr).toContain(
    `seamless: lab.ports.etcd: 127.0.0.1:32379 is taken by ${program} (process ${process.pid})`,
  );
  expect(result.stderr).toContain("end that program or set another port");
  expect(result.code).toBe(2);
  await down();
}, 120_000);

test("what is made is found again, repaired where a part has died, and leaves nothing", async () => {
  const first = await step("lab-machine", { name, forwards });
  expect(first).toMatchObject({ code: 0, stdout: `unix://${folder}/docker.sock\n` });
  const daemon = await pidOf("docker.pid");
  const forward = await pidOf("forward.pid");

  expect(await step("lab-machine", { name, forwards })).toMatchObject({
    code: 0,
    stdout: first.stdout,
  });
  expect([await pidOf("docker.pid"), await pidOf("forward.pid")]).toEqual([daemon, forward]);

  // Nothing in the namespace but loopback: no way out.
  const links = await exec(["ip", "-n", `seamless-${name}`, "-o", "link", "show"]);
  expect(links.stdout.match(/^\d+: \w+/gm)).toEqual(["1: lo"]);

  process.kill(Number(forward), "SIGKILL");
  expect(await step("lab-machine", { name, forwards })).toMatchObject({ code: 0 });
  expect(await pidOf("docker.pid")).toBe(daemon);
  expect(await pidOf("forward.pid")).not.toBe(forward);

  expect(await down()).toMatchObject({ code: 0 });
  expect(await machineState()).toEqual(before);
  expect(await down()).toMatchObject({ code: 0 });
}, 180_000);

test("a killed Docker daemon's containers are taken away with it", async () => {
  expect(await step("lab-machine", { name, forwards: {} })).toMatchObject({ code: 0 });
  const docker = new Docker(`unix://${folder}/docker.sock`);
  await docker.build({
    tag: "localhost/seamless/pause:1",
    from: "scratch",
    files: [{ path: "pause", content: { from: join(toolsBin(), "lab-probe") }, mode: 0o755 }],
    instructions: ['CMD ["/pause"]'],
  });
  const flags = ["--detach", "--privileged", "--network", "none", "--restart", "always"];
  const container = (await docker.run(["run", ...flags, "localhost/seamless/pause:1"])).stdout;
  const inspected = await docker.run(["inspect", "--format", "{{.State.Pid}}", container.trim()]);
  const program = `/proc/${inspected.stdout.trim()}/exe`;
  expect(await readlink(program)).toBe("/pause");
  for (const file of ["docker.pid", "containerd.pid"])
    process.kill(Number(await pidOf(file)), "SIGKILL");
  expect(await down()).toMatchObject({ code: 0, stderr: "" });
  expect(await machineState()).toEqual(before);
  await expect(readlink(program)).rejects.toThrow("ENOENT");

  // The image is there for the next lab, the container is not.
  expect(await step("lab-machine", { name, forwards: {} })).toMatchObject({ code: 0 });
  expect((await docker.run(["ps", "--all", "--quiet"])).stdout).toBe("");
  expect(await docker.inputsOf("localhost/seamless/pause:1")).toMatch(/^[0-9a-f]{16}$/);
  expect(await step("lab-machine-down", { name, purge: true })).toMatchObject({ code: 0 });
  expect(await machineState()).toEqual(before);
  expect(existsSync(join(cache, `lab-docker-${name}`))).toBe(false);
}, 180_000);

test("a lab of the same name with its state elsewhere is named, and not taken away", async () => {
  expect(await step("lab-machine", { name, forwards: {} })).toMatchObject({ code: 0 });
  const other = mkdtempSync(join(tmpdir(), "seamless-other-"));
  const result = await step("lab-machine", { name, forwards: {} }, other);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(`lab '${name}' is there already, with its state in ${folder}`);
  expect(await step("lab-machine-down", { name }, other)).toMatchObject({ code: 0 });
  expect(existsSync(`/proc/${await pidOf("docker.pid")}/exe`)).toBe(true);
  await rm(other, { recursive: true, force: true });
  expect(await down()).toMatchObject({ code: 0 });
  expect(await machineState()).toEqual(before);
}, 180_000);

test("a daemon that cannot start is told at once, with the last it said", async () => {
  // Something where the daemon's socket must be that it cannot replace.
  await mkdir(join(folder, "docker.sock", "in-the-way"), { recursive: true });
  const result = await step("lab-machine", { name, forwards: {} });
  await rm(folder, { recursive: true, force: true });
  expect(result.code).toBe(4);
  expect(result.stderr).toMatch(
    /^seamless: the lab's Docker daemon at .* ended; it said: .*docker\.sock/m,
  );
  await down();
}, 180_000);
