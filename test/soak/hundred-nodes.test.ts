/** A hundred nodes with a BIRD each are verified within the time, by few programs at a time, and what is wrong is named. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { type ExecResult, exec } from "../../util/exec";
import type { CheckResult } from "../../verify/types";
import { NodeLab } from "../helpers/node-lab";

const program = resolve(__dirname, "..", "..", "bin", "seamless");
const folder = mkdtempSync(join(tmpdir(), "seamless-hundred-"));
const outputs = join(folder, "outputs.json");
const lab = new NodeLab(100);
const layers = ["session", "speaker", "acceptance", "rib", "fib", "kernel"];

const verify = (): Promise<ExecResult> =>
  exec([program, "verify", "--outputs", outputs, "--json", "--only", ...layers], {
    timeoutMs: 180_000,
  });

function resultsOf({ stdout, stderr }: ExecResult): CheckResult[] {
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout).results;
}

beforeAll(async () => {
  await lab.up();
  writeFileSync(outputs, JSON.stringify(lab.outputs), { mode: 0o600 });
  // The program is compiled before its time is taken.
  await exec([program, "--version"], { timeoutMs: 180_000 });
}, 600_000);

afterAll(async () => {
  await lab.down();
  rmSync(folder, { recursive: true });
}, 120_000);

test("all layers of a hundred nodes pass in 30 s, with at most 16 programs at a time", async () => {
  const start = performance.now();
  const results = resultsOf(await verify());
  const seconds = (performance.now() - start) / 1000;
  expect(results.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(results.filter(({ group }) => group === "fib")).toHaveLength(100);
  expect(results.filter(({ group }) => group === "kernel").length).toBeGreaterThanOrEqual(100);
  expect(lab.mostAtOnce()).toBeLessThanOrEqual(16);
  expect(seconds).toBeLessThanOrEqual(30);
}, 300_000);

test("the one node that does not forward is named, and no other", async () => {
  await lab.onNode(41, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward");
  const failed = resultsOf(await verify()).filter(({ status }) => status === "fail");
  expect(failed.map(({ id, at }) => [id, at])).toContainEqual([
    "kernel/dcos/agent-42/forwarding",
    "dcos/agent-42",
  ]);
  expect(new Set(failed.map(({ at }) => at))).toEqual(new Set(["dcos/agent-42"]));
}, 300_000);
