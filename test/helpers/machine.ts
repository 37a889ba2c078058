import { readdirSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { exec } from "../../util/exec";

/** What a lab must leave as it was. */
export interface Machine {
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly firewall: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly mounts: readonly string[];
  /** Programs of the lab that run, whoever started them. */
  readonly processes: readonly string[];
}

const sysctls = [
  "fs/inotify/max_user_instances",
  "kernel/panic",
  "kernel/panic_on_oops",
  "net/ipv4/ip_forward",
  "vm/overcommit_memory",
];

const labPrograms =
  /^(dockerd|containerd.*|kubelet|kube-.*|calico-node|etcd|bird|gobgpd|nginx|nsenter|runsvdir)$/;

/** Reads it all, in a form that can be compared. */
export async function machineState(): Promise<Machine> {
  const lines = async (...argv: string[]) =>
    (await exec(argv)).stdout
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  return {
    namespaces: await lines("ip", "netns", "list"),
    links: (await lines("ip", "-o", "link", "show")).map((line) => line.split(": ")[1] ?? line),
    routes: await lines("ip", "route", "show", "table", "all"),
    firewall: (await exec(["iptables-save"])).stdout.replace(/^#.*\n|\[\d+:\d+\]/gm, ""),
    sysctls: Object.fromEntries(
      await Promise.all(
        sysctls.map(async (name) => [name, (await readFile(`/proc/sys/${name}`, "utf8")).trim()]),
      ),
    ),
    mounts: (await readFile("/proc/self/mounts", "utf8"))
      .split("\n")
      .filter((line) => /seamless|docker|netns/.test(line))
      .sort(),
    processes: await labProcesses(),
  };
}

async function labProcesses(): Promise<string[]> {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(
    ids.map(async (id) => {
      const executable = await readlink(`/proc/${id}/exe`).catch(() => "");
      return executable.split("/").at(-1) ?? "";
    }),
  );
  return names.filter((name) => labPrograms.test(name)).sort();
}
