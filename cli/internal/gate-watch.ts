import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { checkoutDir, stateDir } from "../../util/paths";
import { say } from "../../util/step";
import { waitFor } from "../../util/wait";
import { endWatch, gateInput } from "./gate";

/** Starts the counting of GETs between the COEs' probes, which outlives this step, and prints where the counts are. */
export async function run(): Promise<void> {
  const outputs = await gateInput();
  // Of an update that was stopped before its gate.
  await endWatch(process.env.PULUMI_COMMAND_STDOUT).catch((thrown) => say(String(thrown)));
  const folder = join(stateDir(), "gate");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${randomUUID()}.json`);
  const child = spawn(join(checkoutDir(), "bin", "seamless"), ["internal", "gate-count"], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, SEAMLESS_COUNTS: file },
  });
  const { plan, probes } = outputs;
  child.stdin?.end(JSON.stringify({ plan, probes }));
  child.unref();
  await waitFor({ what: "the first counts", timeoutMs: 60_000 }, async () =>
    existsSync(file)
      ? { done: true, value: undefined }
      : { done: false, seen: child.exitCode === null ? "none yet" : `exit ${child.exitCode}` },
  );
  process.stdout.write(`${JSON.stringify({ file })}\n`);
}
