import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
function step(command: string, input: unknown): Promise<ExecResult> {
  return exec([join(project, "bin", "seamless"), "internal", command], {
    cwd: project,
    input: JSON.stringify(input),
    timeoutMs: 120_000,
    env: { SEAMLESS_STATE: state, SEAMLESS_CACHE: cache, NO_COLOR: "1" },
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
  expect(result.stderr).toContain(
    `seamless: lab.ports.etcd: 127.0.0.1:32379 is taken by ${process.title.slice(0, 4)}`,
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

test("a daemon that cannot start is told at once, with the last it said", async () => {
  // A file where the namespace's folder of Docker's volatile files must be.
  await writeFile(`/run/seamless-${name}`, "");
  const result = await step("lab-machine", { name, forwards: {} });
  await rm(`/run/seamless-${name}`, { force: true });
  expect(result.code).toBe(4);
  expect(result.stderr).toMatch(
    /^seamless: the lab's Docker daemon ended; it said: .*not a directory/m,
  );
  await down();
}, 180_000);
