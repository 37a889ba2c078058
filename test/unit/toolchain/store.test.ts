import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { moduleDir, type Tool, tools } from "../../../toolchain/catalogue";
import { buildHash, linkAtomically, linksOf, readMarker, sameFile } from "../../../toolchain/store";
import { toolsBin } from "../../../util/paths";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "seamless-store-"));
});
afterEach(() => rm(dir, { recursive: true }));

const find = (name: string): Tool => {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no ${name}`);
  return tool;
};
const provider = find("kubernetes-provider");

describe("the hash of a build", () => {
  const copy = async () => {
    await cp(moduleDir(provider), join(dir, "copy"), { recursive: true });
    return join(dir, "copy");
  };

  test("is of the contents, not of the place", async () => {
    expect(buildHash(provider, await copy())).toBe(buildHash(provider));
    expect(buildHash(provider)).toMatch(/^[0-9a-f]{12}$/);
  });

  test.each(["go.mod", "go.sum", "main.go", "sdk/go/kubernetes/untyped.go"])(
    "changes with %s",
    async (file) => {
      const folder = await copy();
      await writeFile(join(folder, file), `${await readFile(join(folder, file), "utf8")}\n`);
      expect(buildHash(provider, folder)).not.toBe(buildHash(provider));
    },
  );

  test("does not change with files that the build makes", async () => {
    const folder = await copy();
    await writeFile(join(folder, "schema-embed.json"), "other");
    expect(buildHash(provider, folder)).toBe(buildHash(provider));
  });

  test("changes with packages and linker variables", () => {
    const hashes = [
      provider,
      { ...provider, variables: {} },
      { ...provider, packages: ["./other"] },
    ].map((tool) => buildHash(tool));
    expect(new Set(hashes).size).toBe(3);
  });
});

test("a program gets all its names", () => {
  const links = [...linksOf(find("calico"), "/store/calico")].filter(([, to]) =>
    to.endsWith("/calico"),
  );
  expect(links).toEqual(
    ["calico-cni", "calico", "calico-ipam"].map((name) => [
      join(toolsBin(), name),
      "/store/calico/calico",
    ]),
  );
});

describe("a link", () => {
  test("replaces whatever has its name, and leaves nothing else", async () => {
    const target = join(dir, "target");
    await writeFile(target, "new");
    const bin = join(dir, "bin");
    await mkdir(join(bin, "folder", "deep"), { recursive: true });
    await writeFile(join(bin, "file"), "old");
    await symlink("nowhere", join(bin, "dangling"));
    for (const name of ["folder", "file", "dangling", "absent"]) {
      expect(await linkAtomically(target, join(bin, name))).toBe(true);
      expect(sameFile(target, join(bin, name))).toBe(true);
    }
    expect((await readdir(bin)).sort()).toEqual(["absent", "dangling", "file", "folder"]);
  });

  test("that is right already is left alone", async () => {
    const target = join(dir, "target");
    await writeFile(target, "new");
    await linkAtomically(target, join(dir, "name"));
    expect(await linkAtomically(target, join(dir, "name"))).toBe(false);
  });
});

test("a folder without marker, or with half of one, is not built", async () => {
  expect(await readMarker(dir)).toBeUndefined();
  await writeFile(join(dir, "built.json"), '{"seconds": 1');
  expect(await readMarker(dir)).toBeUndefined();
});
