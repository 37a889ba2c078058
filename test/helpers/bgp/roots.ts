import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RootFilesystem, rootArchive } from "../../../util/debian";
import { execOrThrow } from "../../../util/exec";
import { toolsBin } from "../../../util/paths";

/** BIRD 2 and FRR with what they need; Debian's packages of BIRD 1.6 and 2 cannot be in one root. */
const newer: RootFilesystem = {
  name: "routers",
  suite: "bookworm",
  variant: "extract",
  packages: ["bird2", "frr"],
};

/** BIRD 1.6, which is what Calico runs; the same as bird-lan.ts has. */
const older: RootFilesystem = {
  name: "bird",
  suite: "bookworm",
  variant: "extract",
  packages: ["bird", "dash"],
};

export interface Roots {
  readonly newer: string;
  readonly older: string;
  readonly folder: string;
}

/** Folders that the daemons see as their root, so that they need no package on the machine. */
export async function makeRoots(): Promise<Roots> {
  const folder = mkdtempSync(join(tmpdir(), "seamless-"));
  const roots = { folder, newer: join(folder, "new"), older: join(folder, "old") };
  for (const [root, system] of [
    [roots.newer, newer],
    [roots.older, older],
  ] as const) {
    mkdirSync(root);
    await execOrThrow(["tar", "-C", root, "-xf", await rootArchive(system, () => undefined)]);
    mkdirSync(join(root, "w"));
  }
  // FRR gives up root's rights to a user and a group that its package makes when it is installed.
  writeFileSync(join(roots.newer, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(roots.newer, "etc/group"), "root:x:0:\nfrrvty:x:1:root\n");
  for (const made of ["usr/local/bin", "var/tmp", "var/run/frr"])
    mkdirSync(join(roots.newer, made), { recursive: true });
  cpSync(join(toolsBin(), "gobgpd"), join(roots.newer, "usr/local/bin/gobgpd"), {
    dereference: true,
  });
  return roots;
}

export function removeRoots({ folder }: Roots): void {
  rmSync(folder, { recursive: true, force: true });
}
