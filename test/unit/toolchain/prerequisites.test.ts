import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  atLeast,
  ensurePrerequisites,
  findProgram,
  isDebianLike,
  missingMessage,
} from "../../../toolchain/prerequisites";

const missing = [
  { text: "mmdebstrap (makes the hosts' file system)", package: "mmdebstrap" },
  { text: "dockerd (the lab's hosts are its containers)", package: "docker.io" },
  { text: "docker (builds the lab's images)", package: "docker.io" },
  { text: "go >= 1.26, found 1.19.8 (builds)", advice: "Go 1.26 or newer: see its site" },
];

test("names all that is missing in one list, with the commands", () => {
  expect(missingMessage(missing, false)).toBe(`this machine lacks:
  mmdebstrap (makes the hosts' file system)
  dockerd (the lab's hosts are its containers)
  docker (builds the lab's images)
  go >= 1.26, found 1.19.8 (builds)
get it by:
  sudo apt-get install --no-install-recommends docker.io mmdebstrap
  Go 1.26 or newer: see its site
then run \`make toolchain\` again`);
});

test("needs no sudo as root, and no apt-get where no package is missing", () => {
  expect(missingMessage(missing.slice(0, 1), true)).toContain("\n  apt-get install");
  expect(missingMessage(missing.slice(3), false)).not.toContain("apt-get");
});

test.each([
  ["1.26", "1.26", true],
  ["1.26.8", "1.26", true],
  ["1.27rc1", "1.26", true],
  ["2.0", "1.26", true],
  ["1.19.8", "1.26", false],
  ["1.9", "1.26", false],
  ["", "1.26", false],
  ["3.249.9", "3.250.0", false],
])("%s is at least %s: %s", (version, wanted, expected) => {
  expect(atLeast(version, wanted)).toBe(expected);
});

test.each([
  ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', true],
  ["ID=ubuntu\nID_LIKE=debian\n", true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID="rhel"\nID_LIKE="fedora"\n', false],
  ['NAME="not debian"\nID=alpine\n', false],
  ["", false],
])("knows Debian by %j", (text, expected) => {
  expect(isDebianLike(text)).toBe(expected);
});

test("finds programs in the folders of PATH alone when told so", () => {
  expect(findProgram("sh", "/nowhere::/bin", [])).toBe("/bin/sh");
  expect(findProgram("sh", "/nowhere", [])).toBeUndefined();
});

describe("a machine that lacks something", () => {
  const wanted = [
    { program: "seamless-test-a", packages: ["not-there", "package-a"], why: "is one" },
    { program: "seamless-test-b", packages: ["package-b"], why: "is another" },
    { program: "sh", packages: ["dash"], why: "is there" },
  ];
  let dir: string;
  const path = process.env.PATH;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "seamless-prerequisites-"));
    process.env.PATH = `${dir}:${path}`;
  });
  afterEach(async () => {
    process.env.PATH = path;
    await rm(dir, { recursive: true });
  });

  const script = async (name: string, ...lines: string[]) => {
    await writeFile(join(dir, name), ["#!/bin/sh", `cd ${dir}`, ...lines, ""].join("\n"));
    await chmod(join(dir, name), 0o755);
  };
  const aptGet = (...install: string[]) =>
    Promise.all([
      script("apt-cache", 'case "$3" in not-*) exit 100;; esac'),
      script(
        "apt-get",
        'echo "$DEBIAN_FRONTEND $@" >> calls',
        "case $4 in install)",
        ...install,
        ";; esac",
      ),
    ]);
  const debian = (root: boolean) => ({ root, debian: true });

  test("gets it, as root on Debian", async () => {
    await aptGet("for one in a b; do cp apt-cache seamless-test-$one; done");
    const said: string[] = [];
    await ensurePrerequisites(wanted, false, (line) => said.push(line), debian(true));
    const calls = (await readFile(join(dir, "calls"), "utf8")).split("\n");
    const common = "noninteractive -qq -o DPkg::Lock::Timeout=300";
    expect(calls).toEqual([
      `${common} update`,
      `${common} install --yes --no-install-recommends package-a package-b`,
      "",
    ]);
    expect(said.map((line) => line.replace(/ in \d+ s$/, " in N s"))).toEqual([
      "prerequisites: reading the package lists",
      "prerequisites: installing package-a package-b",
      "prerequisites: installed package-a package-b in N s",
    ]);
  });

  test("is told all at once where nothing may be installed", async () => {
    await aptGet("exit 99");
    await script("go", "echo go1.19.8; echo local");
    const act = (who: object) =>
      ensurePrerequisites(wanted, true, () => undefined, { ...debian(false), ...who });
    await expect(act({})).rejects.toMatchObject({
      code: 2,
      message: `this machine lacks:
  seamless-test-a (is one)
  seamless-test-b (is another)
  go >= 1.26, found 1.19.8 (builds what cannot be downloaded ready-made)
get it by:
  sudo apt-get install --no-install-recommends package-a package-b
  Go 1.26 or newer: https://go.dev/doc/install (its bin folder has to be on PATH)
then run \`make toolchain\` again`,
    });
    await expect(act({ root: true, debian: false })).rejects.toThrow("\n  apt-get install");
    await expect(readFile(join(dir, "calls"))).rejects.toThrow("ENOENT");
  });

  test("is told what apt-get said when it fails", async () => {
    await aptGet("echo 'E: Unable to locate package package-b' >&2; exit 100");
    await expect(
      ensurePrerequisites(wanted, false, () => undefined, debian(true)),
    ).rejects.toMatchObject({
      code: 2,
      message: expect.stringMatching(
        /^apt-get install --yes --no-install-recommends package-a package-b: exit code 100\nE: Unable to locate package package-b\nthis machine lacks:\n/,
      ),
    });
  });

  test.each([
    ["go1.26.0", "local"],
    ["go1.30.1", "local"],
    ["go1.21.0", "auto"],
    ["go1.25.3", "go1.25.3+auto"],
  ])("lacks no Go with %s and GOTOOLCHAIN=%s", async (version, toolchain) => {
    await script("go", `echo ${version}; echo ${toolchain}`);
    await ensurePrerequisites([], true, () => undefined, debian(false));
  });
});
