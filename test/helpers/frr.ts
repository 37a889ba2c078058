import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianPrograms } from "../../components/reflector/debian-programs";
import { frr } from "../../components/reflector/frr";
import { frrPrograms } from "../../components/reflector/frr/image";
import { type ExecResult, exec } from "../../util/exec";

/** Has the bgpd of the reflector's image judge a file. @returns what it has against it; undefined where it takes it */
export async function judgeFrr(text: string): Promise<string | undefined> {
  return frr.check.complaint(await judged(text, "usr/lib/frr/bgpd", frr.check.argv.slice(1, -1)));
}

/** The same for the file of a node, whose words are those of zebra and staticd, too. */
export async function judgeFrrNode(text: string): Promise<string | undefined> {
  const { code, stderr } = await judged(text, "usr/bin/vtysh", ["-C", "-f"]);
  const said = stderr.match(/^line \d+: .+$/gm) ?? [];
  if (code !== 0 || said.length > 0) return `vtysh: ${said.join("; ") || stderr}`;
  return judgeFrr(text.replace(/^ip(v6)? (route|nht) .*$|^bfd\n(?: .*\n)*exit$/gm, "!"));
}

/** Runs a program of the reflector's image. @param args of which the last is the flag before the file */
async function judged(text: string, program: string, args: readonly string[]): Promise<ExecResult> {
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
    const file = join(scratch, "frr.conf");
    writeFileSync(file, text);
    const pid = program.endsWith("bgpd") ? ["-i", join(scratch, "pid")] : [];
    const own = [join(folder, program), ...args, file, ...pid];
    return await exec([join(folder, loader), "--library-path", libraries.join(":"), ...own]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
