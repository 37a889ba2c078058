import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { exitCode, SeamlessError } from "../../util/errors";
import { emptyDocker, startContainers, startDocker, stopDocker } from "./docker";
import { type Forwards, startForwards, stopForwards } from "./forwards";
import { type MachineNames, machineNames } from "./names";
import { labNamespaces, makeNamespace, removeNamespace } from "./namespace";
import { prepareSysctls, restoreSysctls } from "./sysctls";

export interface MachineSpec {
  /** The lab's name. */
  readonly name: string;
  /** What is reachable from the machine. */
  readonly forwards: Forwards;
}

/** Bytes that the path of a socket may have (unix(7)). */
const socketPathBytes = 107;

/**
 * Makes the machine of a lab: a network namespace without a way out, and in it a Docker daemon of its own. Whatever a
 * container does, nothing leaves the namespace. So the machine needs no guard routes and no firewall rules, and may
 * itself have routes to the lab's addresses.
 * Does nothing where all is there already; makes again what an end of the machine has taken.
 * @returns where Docker listens
 */
export async function machineUp(spec: MachineSpec): Promise<string> {
  const names = machineNames(spec.name);
  assertPossible(names);
  const owner = await otherOwner(names);
  if (owner !== undefined) {
    throw new SeamlessError(
      `lab '${names.name}' is there already, with its state in ${owner}; set another lab.name, or SEAMLESS_STATE to where that lab was made`,
      exitCode.usage,
    );
  }
  await mkdir(names.folder, { recursive: true, mode: 0o700 });
  await mkdir(dirname(names.ownerFile), { recursive: true });
  await writeFile(names.ownerFile, names.folder);
  // In this order: while a namespace of a lab is there, no other lab's end puts the sysctls back.
  await makeNamespace(names);
  await prepareSysctls();
  if (await startDocker(names)) await startContainers(names);
  await startForwards(names, spec.forwards);
  return names.dockerHost;
}

/**
 * Takes it all away; nothing that is not the lab's is touched. Fine when there is nothing, too, or only a part.
 * Images stay in the cache for the next lab, unless they are to be purged.
 */
export async function machineDown(name: string, purge = false): Promise<void> {
  const names = machineNames(name);
  if ((await otherOwner(names)) === undefined) {
    await stopForwards(names);
    const begun = existsSync(names.folder) || (await labNamespaces()).includes(names.namespace);
    if (begun && existsSync(names.dataRoot)) {
      // Only the daemon knows how to take its containers away. Killed, it has left them running; after a boot it
      // does not run, but has them still.
      await mkdir(names.folder, { recursive: true, mode: 0o700 });
      await makeNamespace(names);
      await startDocker(names);
      await emptyDocker(names);
    }
    await stopDocker(names);
    await removeNamespace(names);
    await rm(names.ownerFile, { force: true });
    if (purge) await rm(names.dataRoot, { recursive: true, force: true });
  }
  if ((await labNamespaces()).length === 0) await restoreSysctls();
  await rm(names.folder, { recursive: true, force: true });
}

function assertPossible(names: MachineNames): void {
  if (process.getuid?.() !== 0)
    throw new SeamlessError(
      "the lab makes a network namespace and runs a Docker daemon in it: run this as root",
      exitCode.usage,
    );
  const bytes = Buffer.byteLength(names.socket);
  if (bytes > socketPathBytes)
    throw new SeamlessError(
      `${names.socket}: found a path of ${bytes} bytes; a socket's has ${socketPathBytes} at most; set SEAMLESS_STATE to a shorter folder`,
      exitCode.usage,
    );
}

/** The folder of a lab of the same name that runs from another state folder. */
async function otherOwner(names: MachineNames): Promise<string | undefined> {
  const owner = await readFile(names.ownerFile, "utf8").catch(() => names.folder);
  return owner !== names.folder && existsSync(owner) ? owner : undefined;
}
