import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { execOrThrow } from "../../util/exec";
import { cacheDir } from "../../util/paths";
import { machineMirrors } from "./mirrors";

/** A root file system made from Debian packages. */
export interface RootFilesystem {
  readonly name: string;
  readonly suite: "bookworm";
  /** How much Debian there is beside the packages, in mmdebstrap's words; with `extract` nothing, not even a shell. */
  readonly variant: "minbase" | "essential" | "extract";
  readonly packages: readonly string[];
}

/** What every host of the lab has: Debian 12 with what a Kubernetes node or a DC/OS agent needs. */
export const hostSystem: RootFilesystem = {
  name: "host",
  suite: "bookworm",
  variant: "minbase",
  packages: [
    ...["systemd", "systemd-sysv", "dbus", "kmod", "procps", "iproute2", "iputils-ping"],
    ...["curl", "ca-certificates", "busybox-static"],
    ...["containerd", "runc", "containernetworking-plugins", "conntrack", "iptables", "ipset"],
    ...["bird", "runit", "etcd-server", "etcd-client", "haproxy", "nginx-light", "nodejs"],
  ],
};

/** What Calico's own node image has beside its programs; no package manager, since every node unpacks it. */
export const calicoSystem: RootFilesystem = {
  name: "calico",
  suite: "bookworm",
  variant: "essential",
  packages: ["bird", "conntrack", "iproute2", "ipset", "iptables", "kmod", "procps", "runit"],
};

/** What the dashboard's own packages run on: Python, and of its packages those that are compiled, or that Debian has. */
export const dashboardSystem: RootFilesystem = {
  name: "dashboard",
  suite: "bookworm",
  variant: "extract",
  packages: [
    ...["python3-minimal", "python3-aiohttp", "python3-aiohttp-jinja2", "python3-aiohttp-session"],
    ...["python3-cryptography", "python3-jmespath", "python3-pygments", "python3-requests"],
    "python3-yaml",
  ],
};

/** Documentation and translations, a third of such a system. */
const leftOut = ["/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*"];

/** Nobody is to wonder whether it still works. */
const sayEveryMs = 8_000;

/** Name of the archive: its contents follow from the packages, but for their versions. */
export function archiveOf(system: RootFilesystem): string {
  const hash = createHash("sha256").update(JSON.stringify(system)).digest("hex").slice(0, 12);
  return join(cacheDir(), `lab-${system.name}-${hash}.tar`);
}

/** Makes the archive where it is not in the cache yet. @returns its path */
export async function rootArchive(
  system: RootFilesystem,
  say: (message: string) => void,
): Promise<string> {
  const archive = archiveOf(system);
  if (existsSync(archive)) return archive;
  await mkdir(cacheDir(), { recursive: true });
  await removeOlder(system, archive);
  const what = `installing ${system.packages.length} Debian packages for the ${system.name} image`;
  say(what);
  const start = performance.now();
  let step = "";
  const remind = setInterval(() => {
    say(`${what}: ${Math.round((performance.now() - start) / 1000)} s${step}`);
  }, sayEveryMs);
  const partial = `${archive}.${randomUUID()}`;
  try {
    await execOrThrow(
      [
        "mmdebstrap",
        "--mode=root",
        "--format=tar",
        "--skip=check/qemu",
        `--variant=${system.variant}`,
        `--include=${system.packages.join(",")}`,
        ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
        system.suite,
        partial,
        ...(await machineMirrors(system.suite)),
      ],
      {
        timeoutMs: 15 * 60_000,
        onStderr: (text) => {
          const last = /.*^I: ([^\n]+)$/ms.exec(text)?.[1];
          if (last !== undefined) step = `, ${last}`;
        },
      },
    );
    await rename(partial, archive);
  } finally {
    clearInterval(remind);
    await rm(partial, { force: true });
  }
  return archive;
}

async function removeOlder(system: RootFilesystem, archive: string): Promise<void> {
  for (const name of await readdir(cacheDir())) {
    const path = join(cacheDir(), name);
    if (name.startsWith(`lab-${system.name}-`) && name.endsWith(".tar") && path !== archive)
      await rm(path);
  }
}
