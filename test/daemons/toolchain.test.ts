import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import * as providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as emptyProto from "google-protobuf/google/protobuf/empty_pb";
import { ensureTool, presenceOf } from "../../toolchain/build";
import { type Tool, tools } from "../../toolchain/catalogue";
import { ensureHome, pulumiHome, standInPrograms } from "../../toolchain/home";
import { storeDir, toolDir } from "../../toolchain/store";
import { exec } from "../../util/exec";
import { checkoutDir, toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";

const seamless = join(checkoutDir(), "bin", "seamless");
const launcher = join(checkoutDir(), "toolchain", "launcher", "pulumi.js");

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "seamless-toolchain-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const find = (name: string): Tool => {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no ${name}`);
  return tool;
};

async function script(name: string, ...lines: string[]): Promise<string> {
  const file = join(dir, name);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(file, 0o755);
  return file;
}

describe("what is installed", () => {
  test("is complete, and a second run builds nothing and does not even start go", async () => {
    const first = await exec([seamless, "toolchain"], { timeoutMs: 60 * 60_000 });
    expect(first).toMatchObject({ code: 0, stdout: "" });
    await script("path/go", `echo "$@" >> ${dir}/called`, "exit 1");
    const env = { PATH: `${dir}/path:${process.env.PATH}`, SEAMLESS_PULUMI: "own" };
    const second = await exec([seamless, "toolchain"], { env });
    expect(second.stderr).toMatch(
      /^toolchain: \d+ tools ready, 0 built, in \d s, built pulumi is used \(SEAMLESS_PULUMI=own\)\n$/,
    );
    expect(second.code).toBe(0);
    expect(existsSync(join(dir, "called"))).toBe(false);
    for (const tool of tools) expect(await presenceOf(tool)).toBe("ready");
  }, 3_700_000);

  test.each([
    ["gobgp", ["--version"], "gobgp version 4.8.0"],
    ["gobgpd", ["--version"], "gobgpd version 4.8.0"],
    ["calicoctl", ["version"], "v3.31.0"],
    ["calico", ["-v"], "v3.31.0"],
    ["calico-node", ["-v"], "v3.31.0"],
    ["kube-apiserver", ["--version"], "Kubernetes v1.33.13"],
    ["kubelet", ["--version"], "Kubernetes v1.33.13"],
    ["kubectl", ["version", "--client"], "Client Version: v1.33.13"],
  ])("%s %j tells its version", async (program, args, expected) => {
    const { stdout, stderr } = await exec([join(toolsBin(), program), ...args]);
    expect(stdout + stderr).toContain(expected);
  });

  test("has Calico's data files, scripts executable", () => {
    const assets = join(toolsBin(), "..", "calico-assets-v3.31.0");
    for (const path of [
      "manifests/calico.yaml",
      "libcalico-go/config/crd",
      "confd/etc/calico/confd",
    ])
      expect(existsSync(join(assets, path))).toBe(true);
    for (const path of ["sbin/start_runit", "etc/rc.local", "etc/service/available/felix/run"])
      expect(statSync(join(assets, "node/filesystem", path)).mode & 0o111).toBe(0o111);
  });

  test("has a Kubernetes provider that tells its version", async () => {
    const path = join(pulumiHome(), "plugins", "resource-kubernetes-v4.25.0");
    const plugin = spawn(join(path, "pulumi-resource-kubernetes"), ["127.0.0.1:1"]);
    try {
      const [port] = await once(createInterface(plugin.stdout), "line");
      const client = new providerGrpc.ResourceProviderClient(
        `127.0.0.1:${port}`,
        credentials.createInsecure(),
      );
      const version = await new Promise((resolve, reject) => {
        client.getPluginInfo(new emptyProto.Empty(), (error, info) =>
          error ? reject(error) : resolve(info?.getVersion()),
        );
      });
      client.close();
      expect(version).toBe("4.25.0");
    } finally {
      plugin.kill();
    }
  });

  test("is found by pulumi: one file for each plugin, and a second look changes none", async () => {
    expect(await ensureHome()).toEqual([]);
    const bin = join(pulumiHome(), "versions", "3.250.0", "bin");
    expect((await readdir(bin)).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
    const files = standInPrograms().map(({ path }) => join(pulumiHome(), ...path));
    const times = () => [...files, join(bin, "pulumi")].map((file) => statSync(file).ctimeMs);
    const before = times();
    expect(await ensureHome()).toEqual([]);
    expect(times()).toEqual(before);
  });
});

describe("a build", () => {
  const gobgp = find("gobgp");
  const before = { ...process.env };
  beforeEach(async () => {
    process.env.SEAMLESS_CACHE = join(dir, "cache");
    // The user's own caches, which stay: compiling from nothing takes minutes.
    const { stdout } = await exec(["go", "env", "GOCACHE", "GOMODCACHE"]);
    [process.env.GOCACHE, process.env.GOMODCACHE] = stdout.split("\n");
  });
  afterEach(() => {
    for (const name of ["SEAMLESS_CACHE", "GOCACHE", "GOMODCACHE"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  test("by two at once is done once, and cleans up after one that was killed", async () => {
    const leftover = join(storeDir(), ".building-gobgp-4.8.0-1", "results");
    await mkdir(leftover, { recursive: true });
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    const outcomes = await Promise.all([
      ensureTool(gobgp, "1/1", say),
      ensureTool(gobgp, "1/1", say),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["built", "present"]);
    expect(said.filter((line) => line.includes(": building "))).toEqual([
      "1/1 gobgp 4.8.0: building gobgp, gobgpd from Go modules",
    ]);
    expect((await readdir(storeDir())).filter((name) => !name.startsWith("gobgp-4.8.0-"))).toEqual([
      "gobgp.lock",
    ]);
    expect((await readdir(toolDir(gobgp))).sort()).toEqual(["built.json", "gobgp", "gobgpd"]);
    expect((await readdir(toolsBin())).sort()).toEqual(["gobgp", "gobgpd"]);
  }, 600_000);

  test("that fails says which tool, what go said and what to do, and leaves nothing", async () => {
    await script("path/go", "echo 'verifying x@v1: checksum mismatch' >&2", "exit 1");
    const path = process.env.PATH;
    process.env.PATH = `${dir}/path:${path}`;
    try {
      await expect(ensureTool(gobgp, "1/1", () => undefined)).rejects.toMatchObject({
        code: 4,
        message: [
          "building gobgp 4.8.0 failed: go: exit code 1",
          "  verifying x@v1: checksum mismatch",
          "  a module is not what go.sum says: do not switch the check off; clear the module cache (go clean -modcache) and see docs/toolchain.md",
          "  what was compiled so far is kept: run `make toolchain` again and it goes on from there",
        ].join("\n"),
      });
    } finally {
      process.env.PATH = path;
    }
    expect(await readdir(storeDir())).toEqual(["gobgp.lock"]);
    expect(existsSync(toolsBin())).toBe(false);
  });
});

describe("the launcher", () => {
  const env = () => ({ SEAMLESS_STATE: join(dir, "state"), SEAMLESS_PULUMI: "own" });

  test("runs the built pulumi, on a state of its own", async () => {
    const version = await exec([launcher, "version"], { env: env() });
    expect(version).toMatchObject({ code: 0, stdout: "v3.250.0\n", stderr: "" });
    expect((await readdir(join(dir, "state"))).sort()).toEqual(["passphrase", "pulumi"]);
  });

  test("says what to do when nothing is built", async () => {
    const result = await exec([launcher, "version"], {
      env: { ...env(), SEAMLESS_CACHE: join(dir, "empty") },
    });
    expect(result).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "pulumi: not built yet: pulumi, kubernetes-provider (the built pulumi is used because SEAMLESS_PULUMI=own); run: make toolchain\n",
    });
  });

  const onPath = async (...lines: string[]) => {
    await script("bin/pulumi", ...lines);
    return {
      ...env(),
      SEAMLESS_PULUMI: "path",
      SEAMLESS_CACHE: join(dir, "cache"),
      PATH: `${dir}/bin:${process.env.PATH}`,
    };
  };

  test("passes on arguments, input, output and the exit code", async () => {
    const vars = await onPath('echo "$#:$2:$PULUMI_BACKEND_URL:$PULUMI_HOME"', "cat", "exit 7");
    const result = await exec([launcher, "up", "a b"], {
      env: { ...vars, PULUMI_HOME: undefined },
      input: "in",
    });
    expect(result).toMatchObject({ code: 7, stdout: `2:a b:file://${dir}/state/pulumi:\nin` });
  });

  const started = (child: ChildProcess) =>
    waitFor({ what: "pulumi", timeoutMs: 20_000, intervalMs: 20 }, async () => {
      expect(child.exitCode).toBeNull();
      const pid = await readFile(join(dir, "pid"), "utf8").catch(() => "");
      return pid.endsWith("\n")
        ? { done: true, value: Number(pid) }
        : { done: false, seen: "nothing" };
    });
  /** Counts signals, and ends a little after the first, with room for a second. */
  const counting = () =>
    onPath(
      `trap 'echo INT >> ${dir}/signals' INT`,
      `trap 'echo TERM >> ${dir}/signals' TERM`,
      `if [ "$1" = version ]; then echo v3.250.0; exit; fi`,
      `echo $$ > ${dir}/pid`,
      `while [ ! -e ${dir}/signals ]; do sleep 0.05; done`,
      "sleep 0.3",
      "exit 8",
    );

  test("passes an interrupt of the whole process group on once", async () => {
    const vars = await counting();
    const options = { env: { ...process.env, ...vars }, detached: true } as const;
    const child = spawn(launcher, ["up"], options);
    await started(child);
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    expect(await once(child, "exit")).toEqual([8, null]);
    expect(await readFile(join(dir, "signals"), "utf8")).toBe("INT\n");
  });

  test("that is killed ends pulumi in order", async () => {
    const vars = await counting();
    const child = spawn(launcher, ["up"], { env: { ...process.env, ...vars }, detached: true });
    const pid = await started(child);
    child.kill("SIGKILL");
    await waitFor({ what: "the end of pulumi", timeoutMs: 20_000, intervalMs: 20 }, async () =>
      existsSync(`/proc/${pid}`)
        ? { done: false, seen: "it runs" }
        : { done: true, value: undefined },
    );
    expect(await readFile(join(dir, "signals"), "utf8")).toBe("TERM\n");
  });
});
