import { existsSync, readFileSync } from "node:fs";
import { machineNames } from "./names";

const bootId = "/proc/sys/kernel/random/boot_id";

/**
 * Tells one life of a lab's machine from the next, for the step that makes it: another text makes that step run again.
 * It changes with every boot of the real machine, and while a daemon that was there is not running any more.
 */
export function machineGeneration(name: string): string {
  const boot = readFileSync(bootId, "utf8").trim();
  const { pidFile, containerdPidFile } = machineNames(name);
  const dead = [pidFile, containerdPidFile].flatMap((file) => {
    if (!existsSync(file)) return [];
    const pid = readFileSync(file, "utf8").trim();
    return existsSync(`/proc/${pid}/exe`) ? [] : [pid];
  });
  return [boot, ...dead.map((pid) => `without ${pid}`)].join(" ");
}
