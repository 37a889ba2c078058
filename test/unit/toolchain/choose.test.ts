import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choosePulumi, pulumiOnPath } from "../../../toolchain/choose";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "seamless-choose-"));
});
afterEach(() => rm(dir, { recursive: true }));

async function program(...path: string[]): Promise<string> {
  const file = join(dir, ...path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "#!/bin/sh\n");
  await chmod(file, 0o755);
  return file;
}

const never = () => Promise.reject(new Error("asked"));
const probes = (version: string | undefined, reachable: boolean) => ({
  version: async () => version,
  releasesReachable: async () => reachable,
});
const environment = (...folders: string[]) => ({
  PATH: folders.map((folder) => join(dir, folder)).join(":"),
  SEAMLESS_CACHE: join(dir, "cache"),
});

describe("the pulumi on PATH", () => {
  test("is the first one", async () => {
    await program("b", "pulumi");
    await program("c", "pulumi");
    expect(pulumiOnPath(environment("a", "b", "c"))).toBe(join(dir, "b", "pulumi"));
  });

  test("is none of npm's launchers, none of this project's and none that is built", async () => {
    await program("node_modules", ".bin", "pulumi");
    const launcher = await program("other", "toolchain", "launcher", "pulumi.js");
    await mkdir(join(dir, "linked"));
    await symlink(launcher, join(dir, "linked", "pulumi"));
    await program("cache", "bin", "pulumi");
    await mkdir(join(dir, "d", "pulumi"), { recursive: true });
    const env = environment("node_modules/.bin", "linked", "cache/bin", "d");
    expect(pulumiOnPath(env)).toBeUndefined();
  });
});

describe("the choice", () => {
  const choose = (more: object, seen = probes("3.260.1", true)) =>
    choosePulumi({ ...environment("bin"), ...more }, seen);

  test("falls on the built one when there is no other, without asking the network", async () => {
    expect(await choose({}, { version: never, releasesReachable: never })).toEqual({
      kind: "own",
      why: "there is no pulumi on PATH",
    });
  });

  test("falls on PATH's when it is recent and can get plugins", async () => {
    const file = await program("bin", "pulumi");
    expect(await choose({})).toEqual({
      kind: "path",
      program: file,
      version: "3.260.1",
      why: "on PATH, and its plugins can be downloaded",
    });
  });

  test.each([
    ["3.249.9", true, "PROGRAM is 3.249.9, older than 3.250.0"],
    [undefined, true, "PROGRAM does not tell its version"],
    ["3.250.0", false, "https://get.pulumi.com cannot be reached, so PROGRAM lacks its plugins"],
  ])("falls on the built one for %s, downloads %s", async (version, reachable, why) => {
    const file = await program("bin", "pulumi");
    expect(await choose({}, probes(version, reachable))).toEqual({
      kind: "own",
      why: why.replace("PROGRAM", file),
    });
  });

  test("is the user's where SEAMLESS_PULUMI is set", async () => {
    const file = await program("bin", "pulumi");
    expect(await choose({ SEAMLESS_PULUMI: "own" })).toEqual({
      kind: "own",
      why: "SEAMLESS_PULUMI=own",
    });
    expect(await choose({ SEAMLESS_PULUMI: "path" }, probes("3.1.0", false))).toEqual({
      kind: "path",
      program: file,
      version: "3.1.0",
      why: "SEAMLESS_PULUMI=path",
    });
  });

  test("of nothing is an error with exit code 2", async () => {
    await expect(choose({ SEAMLESS_PULUMI: "path" })).rejects.toMatchObject({
      code: 2,
      message:
        "SEAMLESS_PULUMI=path: there is no pulumi on PATH; install it, or unset SEAMLESS_PULUMI to use the built one",
    });
    await expect(choose({ SEAMLESS_PULUMI: "mine" })).rejects.toMatchObject({
      code: 2,
      message:
        "SEAMLESS_PULUMI=mine: not known; use own (the built one) or path (the one on PATH), or unset it",
    });
  });
});
