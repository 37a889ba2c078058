import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Choice } from "../../../toolchain/choose";
import { makeState, missingEnvironment } from "../../../toolchain/environment";
import { pulumiHome, scriptFor } from "../../../toolchain/home";

const own: Choice = { kind: "own", why: "" };
const path: Choice = { kind: "path", program: "/usr/bin/pulumi", version: "3.260.0", why: "" };
const state = { SEAMLESS_STATE: "/state" };
const always = {
  PULUMI_BACKEND_URL: "file:///state/pulumi",
  PULUMI_CONFIG_PASSPHRASE_FILE: "/state/passphrase",
  PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  PULUMI_SKIP_UPDATE_CHECK: "true",
};

describe("the environment of pulumi", () => {
  test("of the built one: its own home, no downloads", () => {
    expect(missingEnvironment(state, own)).toEqual({
      ...always,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_HOME: pulumiHome(),
    });
  });

  test("of PATH's: its home and plugins are left alone, the state is the same", () => {
    expect(missingEnvironment(state, path)).toEqual(always);
  });

  test("keeps what is set, even when set to nothing", () => {
    const env = { ...state, PULUMI_BACKEND_URL: "s3://bucket", PULUMI_NODEJS_TRANSPILE_ONLY: "" };
    expect(missingEnvironment({ ...env, PULUMI_CONFIG_PASSPHRASE: "" }, path)).toEqual({
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  });
});

describe("the state folder", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "seamless-state-"));
  });
  afterEach(() => rm(dir, { recursive: true }));
  const added = () => missingEnvironment({ SEAMLESS_STATE: join(dir, "new") }, path);
  const passphrase = () => join(dir, "new", "passphrase");

  test("and the passphrase can be read by the user alone", async () => {
    await makeState(added());
    expect((await readdir(join(dir, "new"))).sort()).toEqual(["passphrase", "pulumi"]);
    expect((await stat(join(dir, "new", "pulumi"))).mode & 0o777).toBe(0o700);
    expect((await stat(passphrase())).mode & 0o777).toBe(0o600);
    expect(await readFile(passphrase(), "utf8")).toMatch(/^[\w-]{32}\n$/);
  });

  test("is never given another passphrase", async () => {
    await makeState(added());
    await writeFile(passphrase(), "mine");
    await Promise.all([makeState(added()), makeState(added())]);
    expect(await readFile(passphrase(), "utf8")).toBe("mine");
    expect((await readdir(join(dir, "new"))).sort()).toEqual(["passphrase", "pulumi"]);
  });
});

test("a stand-in is started by a script that survives spaces and quotes", () => {
  expect(scriptFor("/a b/it's/main.js", "/c d")).toBe(
    `#!/bin/sh\nexec node --require '/c d/toolchain/start/light.js' '/a b/it'\\''s/main.js' "$@"\n`,
  );
});
