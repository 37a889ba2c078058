import { join } from "node:path";
import { exitCode, SeamlessError } from "../../util/errors";
import { exec } from "../../util/exec";
import type { MachineNames } from "./names";
import { namespaceFile } from "./namespace";
import { argumentsOf, runningPid, startDaemon, stopDaemon } from "./process";

/** Loopback ports of the machine by a name, and where they lead inside the lab: `address:port`. */
export type Forwards = Readonly<Record<string, { readonly port: number; readonly to: string }>>;

const stopMs = 10_000;

/** Starts the process that forwards, unless it runs with just these. */
export async function startForwards(names: MachineNames, forwards: Forwards): Promise<void> {
  const args = Object.entries(forwards).map(([name, one]) => `${name}=${one.port}=${one.to}`);
  const pid = await runningPid(names.forwardPidFile, names.folder);
  if (pid !== undefined) {
    if (
      (await argumentsOf(pid)).slice(-args.length - 1).join() ===
      [namespaceFile(names), ...args].join()
    )
      return;
    await stopForwards(names);
  }
  if (args.length === 0) return;
  for (const [name, { port }] of Object.entries(forwards)) await assertFree(name, port);
  const program = [process.execPath, join(__dirname, "forward.js"), "outer", names.folder];
  await startDaemon({
    what: "the forwards to the lab",
    argv: [...program, namespaceFile(names), ...args],
    pidFile: names.forwardPidFile,
    mark: names.folder,
    log: names.forwardLog,
    ready: async () => {
      const owners = await Promise.all(Object.values(forwards).map(({ port }) => ownerOf(port)));
      return owners.every((owner) => owner !== undefined);
    },
    timeoutMs: 15_000,
  });
}

export async function stopForwards(names: MachineNames): Promise<void> {
  await stopDaemon(names.forwardPidFile, names.folder, stopMs);
}

/** @throws SeamlessError that names who has the port. */
async function assertFree(name: string, port: number): Promise<void> {
  const owner = await ownerOf(port);
  if (owner === undefined) return;
  throw new SeamlessError(
    `lab.ports.${name}: 127.0.0.1:${port} is taken by ${owner}; end that program or set another port`,
    exitCode.usage,
  );
}

/** Who listens on a TCP port of the machine where 127.0.0.1 is meant too, as `ss` has it. */
async function ownerOf(port: number): Promise<string | undefined> {
  const { stdout } = await exec(["ss", "-Hltnp", `sport = :${port}`]);
  const line = stdout
    .split("\n")
    .find((one) => /\s(127\.0\.0\.1|0\.0\.0\.0|\*|\[::\]):\d+\s/.test(one));
  if (line === undefined) return undefined;
  const [, name = "another program", pid = ""] = /users:\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
  return pid === "" ? name : `${name} (process ${pid})`;
}
