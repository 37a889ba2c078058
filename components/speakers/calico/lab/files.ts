import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../../../../lab/images/files";
import type { ImageFile } from "../../../../util/docker";
import { SeamlessError } from "../../../../util/errors";
import { cacheDir } from "../../../../util/paths";

export const calicoVersion = "v3.31.0";

/** Data files of Calico's own module, put into the cache by the toolchain. */
export function calicoAsset(...path: string[]): string {
  return join(cacheDir(), `calico-assets-${calicoVersion}`, ...path);
}

/** The files below a folder of Calico's module, at a place in an image; programs stay executable. */
export function assetFiles(folder: string, at: string): ImageFile[] {
  const root = calicoAsset(folder);
  return filesBelow(root).map((path) => ({
    path: join(at, path),
    content: { from: join(root, path) },
    mode: statSync(join(root, path)).mode & 0o111 ? 0o755 : 0o644,
  }));
}

/** confd's templates, with the one that Debian's BIRD does not understand as it is patched. */
export function confdFiles(at: string): ImageFile[] {
  return assetFiles("confd/etc/calico/confd", at).map((file) =>
    file.path.endsWith("bird_ipam.cfg.template") && "from" in file.content
      ? { ...file, content: { text: withoutTunnels(readFileSync(file.content.from, "utf8")) } }
      : file,
  );
}

/**
 * Takes the assignments to `krt_tunnel` out of a template: the variable is known to Calico's fork of BIRD only and
 * names the device of an IP-in-IP tunnel, which a pool without encapsulation never has. After `then` or `else` an
 * empty block stands in for the statement.
 * @throws SeamlessError when the template is not as expected, rather than let BIRD refuse it on a node
 */
export function withoutTunnels(template: string): string {
  const lines = template.split("\n");
  const patched = lines.map((line, index) => {
    const before = lines[index - 1]?.trim() ?? "";
    const empty = /(then|else)$/.test(before) ? "{ }" : "";
    return line.replace(/krt_tunnel = "[^"]*";/, empty);
  });
  const changed = patched.filter((line, index) => line !== lines[index]).length;
  if (changed === 0 || patched.some((line) => line.includes("krt_tunnel"))) {
    throw new SeamlessError(
      `Calico ${calicoVersion}: bird_ipam.cfg.template has ${changed} known uses of krt_tunnel; this version needs another patch`,
    );
  }
  return patched.join("\n");
}
