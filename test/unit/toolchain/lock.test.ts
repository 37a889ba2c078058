import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeLock } from "../../../toolchain/lock";

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "seamless-lock-"));
  file = join(dir, "tool.lock");
});
afterEach(() => rm(dir, { recursive: true }));

const options = (said: string[] = [], timeoutMs = 20_000) => ({
  what: "gobgp 4.8.0",
  timeoutMs,
  onWait: (message: string) => said.push(message),
});

/** Another process that holds the lock until it is killed. */
async function otherHolder(): Promise<ChildProcess> {
  const child = spawn("flock", ["--no-fork", file, "sh", "-c", "echo; exec cat"]);
  await once(child.stdout, "data");
  await writeFile(file, JSON.stringify({ pid: child.pid, since: new Date(2026, 0, 2, 3, 4, 5) }));
  return child;
}

test("a free lock is taken without a word, and can be taken again after its release", async () => {
  const said: string[] = [];
  await (await takeLock(file, options(said))).release();
  await (await takeLock(file, options(said))).release();
  expect(said).toEqual([]);
});

test("the second waits for the first", async () => {
  const order: string[] = [];
  const first = await takeLock(file, options());
  const second = takeLock(file, options()).then(async (lock) => {
    order.push("second taken");
    await lock.release();
  });
  order.push("first released");
  await first.release();
  await second;
  expect(order).toEqual(["first released", "second taken"]);
});

test("the lock of a killed process is free; who held it was said", async () => {
  const holder = await otherHolder();
  const said: string[] = [];
  let killed = false;
  const lock = await takeLock(file, {
    ...options(),
    onWait: (message) => {
      said.push(message);
      killed = holder.kill("SIGKILL");
    },
  });
  await lock.release();
  expect(killed).toBe(true);
  expect(said).toEqual([
    `gobgp 4.8.0: waiting for process ${holder.pid}, which holds ${file} since 03:04:05, 0 s`,
  ]);
});

test("gives up at the deadline and names the holder", async () => {
  const holder = await otherHolder();
  await expect(takeLock(file, options([], 1_000))).rejects.toThrow(
    `gobgp 4.8.0: gave up after 1 s waiting for process ${holder.pid}, which holds ${file} since 03:04:05;` +
      " if that process hangs, end it and try again",
  );
  holder.kill("SIGKILL");
});
