import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { machineGeneration } from "../../../lab/machine/generation";
import { machineNames } from "../../../lab/machine/names";

const state = mkdtempSync(join(tmpdir(), "seamless-state-"));
const before = process.env.SEAMLESS_STATE;
const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

beforeAll(() => {
  process.env.SEAMLESS_STATE = state;
});

afterAll(() => {
  if (before === undefined) delete process.env.SEAMLESS_STATE;
  else process.env.SEAMLESS_STATE = before;
  rmSync(state, { recursive: true });
});

test("a machine that is not there yet and one that runs are of the same generation", () => {
  expect(machineGeneration("x")).toBe(boot);
  const { pidFile } = machineNames("x");
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, `${process.pid}\n`);
  expect(machineGeneration("x")).toBe(boot);
});

test("one whose Docker or containerd has died is of another", () => {
  // Above the largest number a process can have.
  writeFileSync(machineNames("x").containerdPidFile, "4194305\n");
  expect(machineGeneration("x")).toBe(`${boot} without 4194305`);
  writeFileSync(machineNames("x").pidFile, "4194306\n");
  expect(machineGeneration("x")).toBe(`${boot} without 4194306 without 4194305`);
});
