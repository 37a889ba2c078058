import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { birdPrograms } from "../../components/reflector/bird/programs";
import { complaint } from "../../components/reflector/bird/said";
import { exec } from "../../util/exec";

/** Has the BIRD of the reflector's image judge a file. @returns what it has against it; undefined where it takes it */
export async function judgeBird(text: string): Promise<string | undefined> {
  const { folder, files } = await birdPrograms(() => undefined);
  const loader = files.find((path) => /\/ld-linux/.test(path)) ?? "";
  const libraries = ["lib", "usr/lib"].flatMap((path) =>
    readdirSync(join(folder, path)).map((architecture) => join(folder, path, architecture)),
  );
  const scratch = mkdtempSync(join(tmpdir(), "seamless-bird-"));
  try {
    writeFileSync(join(scratch, "bird.conf"), text);
    const bird = [join(folder, "usr/sbin/bird"), "-p", "-c", join(scratch, "bird.conf")];
    const argv = [join(folder, loader), "--library-path", libraries.join(":"), ...bird];
    const result = await exec(argv);
    return result.code === 0 ? undefined : complaint(result);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
