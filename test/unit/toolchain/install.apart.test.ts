/** How tools come: by a release, or by a build when there is none to be had; and what stays of it on the disk. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tool, tools } from "../../../toolchain/catalogue";
import { goEnvironment, ownGoCaches } from "../../../toolchain/go";
import { install } from "../../../toolchain/install";
import * as releases from "../../../toolchain/releases";
import { readMarker, toolDir } from "../../../toolchain/store";

jest.mock("../../../toolchain/releases", () => {
  const actual = jest.requireActual("../../../toolchain/releases");
  return { ...actual, releaseOf: jest.fn(actual.releaseOf) };
});

const gobgp = tools.find(({ name }) => name === "gobgp");

let dir: string;
let said: string[];
const before = { ...process.env };

/** A go that only says what it was asked, and makes the files that it was asked for. */
function fakeGo(...build: readonly string[]): void {
  const file = join(dir, "path", "go");
  mkdirSync(join(dir, "path"), { recursive: true });
  const lines = [
    "#!/bin/sh",
    `echo "$@" >> ${dir}/asked`,
    'if [ "$1$2" = envGOVERSION ]; then echo go1.26.0; echo auto; exit; fi',
    'if [ "$1$2" = envGOCACHE ]; then echo $GOCACHE; echo $GOMODCACHE; exit; fi',
    'if [ "$1" != build ]; then exit 0; fi',
    'mkdir -p "$GOCACHE" "$GOMODCACHE"; touch "$GOCACHE/compiled" "$GOMODCACHE/source"',
    'while [ "$1" != -o ]; do shift; done',
    ...build,
    "",
  ];
  writeFileSync(file, lines.join("\n"));
  chmodSync(file, 0o755);
  process.env.PATH = `${dir}/path:${before.PATH}`;
}
const makesAll = 'touch "$2/gobgp" "$2/gobgpd"';
const asked = () =>
  existsSync(join(dir, "asked")) ? readFileSync(join(dir, "asked"), "utf8").split("\n") : [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "seamless-install-"));
  said = [];
  process.env.SEAMLESS_CACHE = join(dir, "cache");
  for (const name of ["GOCACHE", "GOMODCACHE", "SEAMLESS_RELEASES"]) delete process.env[name];
});
afterEach(() => {
  for (const name of Object.keys({ ...process.env, SEAMLESS_RELEASES: "", GOCACHE: "" })) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(dir, { recursive: true });
});

const get = (tool: Tool | undefined) =>
  install({ groups: [], tools: tool === undefined ? [] : [tool] }, (line) => said.push(line));

test("a tool whose release can be had is downloaded, and Go is not needed", async () => {
  if (gobgp === undefined) throw new Error("no gobgp in the catalogue");
  fakeGo("exit 1");
  const program = Buffer.from("#!/bin/sh\n");
  const sha256 = createHash("sha256").update(program).digest("hex");
  const server: Server = createServer((_, response) => response.end(program));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const file = (name: string) => ({
    ...{ url: `http://127.0.0.1:${port}/${name}`, sha256, programs: { [name]: name } },
  });
  jest.mocked(releases.releaseOf).mockReturnValue([file("gobgp"), file("gobgpd")]);
  try {
    expect(await get(gobgp)).toMatchObject([{ name: "gobgp", kind: "downloaded" }]);
    expect(await get(gobgp)).toEqual([]);
  } finally {
    jest
      .mocked(releases.releaseOf)
      .mockImplementation(jest.requireActual("../../../toolchain/releases").releaseOf);
    server.closeAllConnections();
    server.close();
  }
  expect(said.map((line) => line.replace(/\d+ s\b/g, "T"))).toEqual([
    "to download: gobgp; SEAMLESS_RELEASES=off builds them",
    "1/1 gobgp 4.8.0: downloaded in T, as published",
    "  gobgp: downloaded in T",
    "1 tools ready, 1 downloaded, 0 built, in T",
    "1 tools ready, 0 built, in T",
  ]);
  expect(await readMarker(toolDir(gobgp))).toMatchObject({
    from: [`http://127.0.0.1:${port}/gobgp`, `http://127.0.0.1:${port}/gobgpd`],
  });
  expect(readdirSync(toolDir(gobgp)).sort()).toEqual(["built.json", "gobgp", "gobgpd"]);
  expect(readdirSync(join(dir, "cache", "bin")).sort()).toEqual(["gobgp", "gobgpd"]);
  expect(statSync(join(dir, "cache", "bin", "gobgp")).mode & 0o777).toBe(0o755);
  expect(asked()).toEqual([]);
});

test("offline, a tool is built at once, and Go's caches that are ours are cleared after it", async () => {
  fakeGo(makesAll);
  process.env.SEAMLESS_RELEASES = "http://127.0.0.1:1";
  process.env.HTTPS_PROXY = "http://127.0.0.1:1";
  expect(await get(gobgp)).toMatchObject([{ name: "gobgp", kind: "built" }]);
  const lines = said.map((line) => line.replace(/\d+ s\b/g, "T"));
  expect(lines.find((line) => line.includes("not downloaded"))).toMatch(
    /^1\/1 gobgp 4\.8\.0: not downloaded: https:\/\/github\.com\/osrg\/gobgp\/releases\/download\/v4\.8\.0\/gobgp_4\.8\.0_checksums\.txt: nobody listens there; it is built instead, about /,
  );
  expect(lines.at(-1)).toBe("1 tools ready, 1 built, in T");
  expect(asked().some((line) => line.startsWith("build "))).toBe(true);
  expect(existsSync(ownGoCaches())).toBe(false);
  expect(readdirSync(join(dir, "cache", "bin")).sort()).toEqual(["gobgp", "gobgpd"]);
});

test("what was compiled stays when a build fails", async () => {
  fakeGo("echo 'no space left on device' >&2", "exit 1");
  process.env.SEAMLESS_RELEASES = "off";
  await expect(get(gobgp)).rejects.toThrow("building gobgp 4.8.0 failed: go: exit code 1");
  expect(existsSync(join(ownGoCaches(), "build", "compiled"))).toBe(true);
});

test("caches that the user names are used, and never cleared", async () => {
  fakeGo(makesAll);
  process.env.SEAMLESS_RELEASES = "off";
  process.env.GOCACHE = join(dir, "mine", "build");
  process.env.GOMODCACHE = join(dir, "mine", "mod");
  await get(gobgp);
  expect(existsSync(join(dir, "mine", "build", "compiled"))).toBe(true);
  expect(existsSync(join(dir, "mine", "mod", "source"))).toBe(true);
});

test("go finds what the user's own builds have downloaded, and asks the usual proxy for the rest", () => {
  const modules = join(dir, "user");
  mkdirSync(join(modules, "cache", "download"), { recursive: true });
  const proxy = "https://proxy.golang.org,direct";
  const env = { SEAMLESS_CACHE: join(dir, "cache") };
  expect(goEnvironment(env, { modules, proxy })).toEqual({
    GOCACHE: join(dir, "cache", "go", "build"),
    GOMODCACHE: join(dir, "cache", "go", "mod"),
    GOPROXY: `file://${modules}/cache/download,${proxy}`,
    GOGC: "400",
    CGO_ENABLED: "0",
    GOWORK: "off",
  });
  const own = { ...env, GOCACHE: "/a", GOMODCACHE: "/b", GOGC: "100" };
  expect(goEnvironment(own, { modules, proxy })).toEqual({ CGO_ENABLED: "0", GOWORK: "off" });
  expect(goEnvironment(env, { modules: join(dir, "none"), proxy }).GOPROXY).toBeUndefined();
});
