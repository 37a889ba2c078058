import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeFailure, exec } from "../../../util/exec";
import { endAll } from "../../../util/interrupt";
import { inScratch } from "../../../util/scratch";
import { waitFor } from "../../../util/wait";

const endless = ["sh", "-c", "while :; do echo 0123456789012345678901234567890123456789; done"];

test("a program that says more than is read is ended, and told with what is allowed", async () => {
  const result = await exec(endless, { maxBytes: 100_000, timeoutMs: 30_000 });
  expect(result.code).toBe(-1);
  expect(result.stdout.length).toBeLessThanOrEqual(100_000);
  expect(result.failure).toMatch(/^said \d{6,7} bytes and more; allowed: 100000$/);
});

test("exactly what is allowed is read", async () => {
  const argv = ["head", "-c", "5000", "/dev/zero"];
  expect((await exec(argv, { maxBytes: 5000 })).code).toBe(0);
  expect((await exec(argv, { maxBytes: 4999 })).failure).toBe(
    "said 5000 bytes and more; allowed: 4999",
  );
});

test("of standard error the last is kept, and a message quotes little of it", async () => {
  const script = "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 7";
  const result = await exec(["sh", "-c", script]);
  expect(result.stderr).toHaveLength(2 ** 20);
  expect(result.stderr.endsWith("xxthe end\n")).toBe(true);
  const told = describeFailure(["a", "b"], result);
  expect(told.startsWith("a b: exit code 7: xxx")).toBe(true);
  expect(told).toHaveLength(2_000 + "a b: exit code 7: ".length);
});

test("an interrupt ends the programs that run, with what they have started, and removes folders", async () => {
  let folder = "";
  const running = inScratch("test", async (scratch) => {
    folder = scratch;
    writeFileSync(join(scratch, "secret"), "x");
    return exec(["sh", "-c", `sleep 60 & echo $! > ${scratch}/pid; wait`], { timeoutMs: 60_000 });
  });
  const child = await waitFor({ what: "the child", timeoutMs: 10_000 }, async () => {
    const there = folder !== "" && readdirSync(folder).includes("pid");
    const { stdout } = there ? await exec(["cat", join(folder, "pid")]) : { stdout: "" };
    const pid = Number(stdout.trim());
    return pid > 0 ? { done: true, value: pid } : { done: false, seen: "no pid" };
  });
  await endAll("SIGTERM");
  expect(existsSync(folder)).toBe(false);
  expect((await running).failure).toBe("interrupted");
  await waitFor({ what: "the end of the child", timeoutMs: 10_000 }, async () =>
    isRunning(child) ? { done: false, seen: "it runs" } : { done: true, value: undefined },
  );
});

/** A child that has ended and that nobody has waited for does not run any more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return existsSync(`/proc/${pid}/exe`);
}
