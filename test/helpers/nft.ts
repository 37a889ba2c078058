import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootArchive } from "../../util/debian";
import { execOrThrow } from "../../util/exec";

/** A folder with programs `nft` and `ipset` in it, of Debian's packages, so that the machine needs none. The caller removes it. */
export async function makeNft(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "seamless-nft-"));
  const root = join(folder, "root");
  mkdirSync(root);
  const packages = ["nftables", "ipset"];
  const archive = await rootArchive(
    { name: "nft", suite: "bookworm", variant: "extract", packages },
    () => undefined,
  );
  await execOrThrow(["tar", "-C", root, "-xf", archive]);
  for (const name of ["nft", "ipset"]) {
    const program = join(folder, name);
    writeFileSync(program, `#!/bin/sh\nexec chroot ${root} /usr/sbin/${name} "$@"\n`);
    chmodSync(program, 0o755);
  }
  return folder;
}
