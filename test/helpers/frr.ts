import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianPrograms } from "../../components/reflector/debian-programs";
import { frr } from "../../components/reflector/frr";
import { frrPrograms } from "../../components/reflector/frr/image";
import { exec } from "../../util/exec";

/** Has the bgpd of the reflector's image judge a file. @returns what it has against it; undefined where it takes it */
export async function judgeFrr(text: string): Promise<string | undefined> {
  const { folder, files } = await debianPrograms(frrPrograms, () => undefined);
  const loader = files.find((path) => /\/ld-linux/.test(path)) ?? "";
  const libraries = ["lib", "usr/lib"].flatMap((path) =>
    (existsSync(join(folder, path)) ? readdirSync(join(folder, path)) : []).flatMap((one) => [
      join(folder, path, one),
      join(folder, path, one, "frr"),
    ]),
  );
  const scratch = mkdtempSync(join(tmpdir(), "seamless-frr-"));
  try {
    writeFileSync(join(scratch, "bgpd.conf"), text);
    const [, ...args] = frr.check.argv;
    const options = [...args.slice(0, -1), join(scratch, "bgpd.conf")];
    const bgpd = [join(folder, "usr/lib/frr/bgpd"), ...options, "-i", join(scratch, "pid")];
    const argv = [join(folder, loader), "--library-path", libraries.join(":"), ...bgpd];
    return frr.check.complaint(await exec(argv));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
