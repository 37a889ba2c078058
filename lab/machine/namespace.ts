import { exec, execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { type MachineNames, namespacePrefix } from "./names";
import { signal } from "./process";

/** Makes a lab's network namespace, unless it is there: nothing but loopback, so that nothing leads out of it. */
export async function makeNamespace({ namespace }: MachineNames): Promise<void> {
  if (!(await labNamespaces()).includes(namespace))
    await execOrThrow(["ip", "netns", "add", namespace]);
  await execOrThrow(["ip", "-n", namespace, "link", "set", "lo", "up"]);
}

/** Ends what still runs in a lab's namespace, then takes the namespace away. Does nothing when there is none. */
export async function removeNamespace({ namespace }: MachineNames): Promise<void> {
  if (!(await labNamespaces()).includes(namespace)) return;
  await waitFor(
    { what: `the processes in namespace ${namespace} to end`, timeoutMs: 20_000, intervalMs: 100 },
    async () => {
      const pids = (await exec(["ip", "netns", "pids", namespace])).stdout.trim();
      if (pids === "") return { done: true, value: undefined };
      for (const pid of pids.split("\n")) signal(Number(pid), "SIGKILL");
      return { done: false, seen: `still there: ${pids.split("\n").join(", ")}` };
    },
  );
  await execOrThrow(["ip", "netns", "delete", namespace]);
}

/** The namespaces of all labs on this machine. */
export async function labNamespaces(): Promise<string[]> {
  const { stdout } = await execOrThrow(["ip", "netns", "list"]);
  return stdout
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.startsWith(namespacePrefix));
}

/** Where a namespace can be entered. */
export function namespaceFile({ namespace }: MachineNames): string {
  return `/run/netns/${namespace}`;
}

/** The arguments to run a program in the namespace and else as it is; `ip netns exec` would hide the cgroups. */
export function inNamespace(names: MachineNames, argv: readonly string[]): string[] {
  return ["nsenter", `--net=${namespaceFile(names)}`, ...argv];
}
