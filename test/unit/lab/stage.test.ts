import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostFiles } from "../../../lab/contract";
import { stage as stageOnly } from "../../../lab/hosts/stage";

const first: HostFiles = {
  files: [
    { path: "a.yaml", text: "a: 1\n" },
    { path: "pki/b.key", text: "secret\n", secret: true },
    { path: "unread.txt", text: "x\n" },
  ],
  units: [
    { name: "a.service", text: "[Service]\n", reads: ["a.yaml"] },
    { name: "both.service", text: "[Service]\n", reads: ["a.yaml", "pki/b.key"] },
    { name: "none.service", text: "[Service]\n", reads: [] },
  ],
};

/** The same with other texts of some files and units. */
function withTexts(texts: Readonly<Record<string, string>>): HostFiles {
  return {
    files: first.files.map((file) => ({ ...file, text: texts[file.path] ?? file.text })),
    units: first.units.map((unit) => ({ ...unit, text: texts[unit.name] ?? unit.text })),
  };
}

let folder = "";

/** Stages, and starts again what is to be. @returns the units */
async function stage(host: HostFiles): Promise<readonly string[]> {
  const { units, done } = await stageOnly(folder, host);
  await done();
  return units;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "seamless-stage-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function listing(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const wants = "units/multi-user.target.wants";
const allPaths = [
  "a.yaml",
  "pki/b.key",
  "units/a.service",
  "units/both.service",
  `${wants}/a.service`,
  `${wants}/both.service`,
  `${wants}/none.service`,
  "units/none.service",
  "unread.txt",
].sort();

test("writes everything into an empty folder, secrets for root alone", async () => {
  expect(await stage(first)).toEqual(["a.service", "both.service", "none.service"]);
  expect(await listing()).toEqual(allPaths);
  expect(await readFile(join(folder, "a.yaml"), "utf8")).toBe("a: 1\n");
  expect(await readlink(join(folder, wants, "a.service"))).toBe("../a.service");
  const modes = await Promise.all(
    ["a.yaml", "pki/b.key", "units/a.service"].map(async (path) =>
      ((await stat(join(folder, path))).mode & 0o777).toString(8),
    ),
  );
  expect(modes).toEqual(["644", "600", "644"]);
});

test("touches nothing the second time", async () => {
  await stage(first);
  const times = async () =>
    Promise.all(allPaths.map(async (path) => (await stat(join(folder, path))).mtimeMs));
  const before = await times();
  expect(await stage(first)).toEqual([]);
  expect(await times()).toEqual(before);
});

test.each([
  ["a file that two units read", { "a.yaml": "a: 2\n" }, ["a.service", "both.service"]],
  ["a file that one unit reads", { "pki/b.key": "other\n" }, ["both.service"]],
  ["a file that no unit reads", { "unread.txt": "y\n" }, []],
  ["a unit itself", { "none.service": "[Service]\nType=simple\n" }, ["none.service"]],
])("%s changes: exactly the units that are about it", async (_, texts, units) => {
  await stage(first);
  expect(await stage(withTexts(texts))).toEqual(units);
  for (const [path, text] of Object.entries(texts)) {
    const at = path.endsWith(".service") ? join("units", path) : path;
    expect(await readFile(join(folder, at), "utf8")).toBe(text);
  }
  expect(await listing()).toEqual(allPaths);
});

test("a secret that changes stays a secret", async () => {
  await stage(first);
  await stage(withTexts({ "pki/b.key": "other\n" }));
  expect((await stat(join(folder, "pki/b.key"))).mode & 0o777).toBe(0o600);
});

test("what is not wanted goes, a half-written file too", async () => {
  await stage(first);
  await writeFile(join(folder, "pki", "b.key.new"), "half");
  const fewer: HostFiles = { files: first.files.slice(0, 1), units: first.units.slice(0, 1) };
  expect(await stage(fewer)).toEqual([]);
  expect(await listing()).toEqual(["a.yaml", "units/a.service", `${wants}/a.service`].sort());
});

test("a file that somebody changed is put right, and its units with it", async () => {
  await stage(first);
  await writeFile(join(folder, "a.yaml"), "mine\n");
  expect(await stage(first)).toEqual(["a.service", "both.service"]);
  expect(await readFile(join(folder, "a.yaml"), "utf8")).toBe("a: 1\n");
});

test("units that a killed run did not start again are named by the next", async () => {
  await stage(first);
  const next = withTexts({ "pki/b.key": "other\n" });
  expect((await stageOnly(folder, next)).units).toEqual(["both.service"]);
  expect((await stageOnly(folder, next)).units).toEqual(["both.service"]);
  expect(await stage(withTexts({ "pki/b.key": "other\n", "none.service": "x\n" }))).toEqual([
    "both.service",
    "none.service",
  ]);
  expect(await listing()).toEqual(allPaths);
  await rm(join(folder, "pki", "b.key"));
  await writeFile(join(folder, "restart-pending.new"), "half");
  expect(await stage(next)).toEqual(["both.service", "none.service"]);
  expect(await stage(next)).toEqual([]);
});

test("says which units are not wanted any more, once", async () => {
  await stage(first);
  const { files, units } = first;
  const less = { files, units: units.filter(({ name }) => name !== "both.service") };
  expect(await stageOnly(folder, less)).toMatchObject({ units: [], gone: ["both.service"] });
  expect(await stageOnly(folder, less)).toMatchObject({ units: [], gone: [] });
});
