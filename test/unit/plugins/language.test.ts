import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pb from "@pulumi/pulumi/proto/language_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Life } from "../../../providers/base/life";
import {
  runArguments,
  runEnvironment,
  runResponse,
} from "../../../toolchain/plugins/language-nodejs/host";
import {
  programDependencies,
  requiredPlugins,
} from "../../../toolchain/plugins/language-nodejs/packages";
import { start } from "../../../toolchain/plugins/language-nodejs/program";
import { waitFor } from "../../../util/wait";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seamless-language-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, content: unknown): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
}

describe("what is installed", () => {
  beforeEach(() => {
    write("package.json", {
      dependencies: { "@pulumi/docker": "1" },
      devDependencies: { jest: "30" },
    });
    write("node_modules/@pulumi/docker/package.json", {
      version: "5.2.0",
      pulumi: { resource: true, name: "docker", version: "5.2.1" },
    });
    write("node_modules/@pulumi/other/package.json", {
      version: "1.0.0",
      pulumi: { resource: true, server: "https://plugins.example.org" },
    });
    write("node_modules/jest/package.json", { version: "30.0.0" });
    write("node_modules/broken/package.json", "{");
    write("node_modules/.bin/x", "");
    // A package of the program's own hides the one further out.
    write("app/package.json", { dependencies: { jest: "29" } });
    write("app/node_modules/jest/package.json", { version: "29.0.0" });
  });

  test("the plugins come from the packages' pulumi field", () => {
    expect(requiredPlugins(join(folder, "app"))).toEqual([
      { name: "docker", version: "v5.2.1", server: undefined },
      { name: "other", version: "v1.0.0", server: "https://plugins.example.org" },
    ]);
  });

  test("the dependencies are those that the program names, or all", () => {
    expect(programDependencies(folder, false)).toEqual([
      { name: "@pulumi/docker", version: "5.2.0" },
      { name: "jest", version: "30.0.0" },
    ]);
    expect(programDependencies(join(folder, "app"), true)).toEqual([
      { name: "jest", version: "29.0.0" },
      { name: "@pulumi/docker", version: "5.2.0" },
      { name: "@pulumi/other", version: "1.0.0" },
    ]);
  });
});

describe("running a program", () => {
  function request(options: Record<string, string | boolean> = {}): pb.RunRequest {
    const info = new pb.ProgramInfo();
    info.setRootDirectory(folder);
    info.setProgramDirectory(folder);
    info.setEntryPoint("main.ts");
    info.setOptions(Struct.fromJavaScript(options));
    const run = new pb.RunRequest();
    run.setInfo(info);
    run.setProject("demo");
    run.setStack("lab");
    run.setOrganization("organization");
    run.setPwd(folder);
    run.setMonitorAddress("127.0.0.1:1");
    run.setParallel(4);
    run.setDryrun(true);
    run.getConfigMap().set("demo:size", "3").set("demo:token", "hidden");
    run.setConfigsecretkeysList(["demo:token"]);
    run.setArgsList(["extra"]);
    return run;
  }

  test("passes on what the engine says", () => {
    const runner = "node_modules/@pulumi/pulumi/cmd/run/index.js";
    write(runner, "");
    expect(
      runArguments(request({ nodeargs: "--trace-warnings  --inspect" }), "127.0.0.1:2"),
    ).toEqual([
      process.execPath,
      "--trace-warnings",
      "--inspect",
      join(folder, runner),
      ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2"],
      ...["--organization", "organization", "--project", "demo", "--root-directory", folder],
      ...["--stack", "lab", "--pwd", folder, "--parallel", "4", "--dry-run"],
      "main.ts",
      "extra",
    ]);
    expect(runEnvironment(request({ typescript: false }))).toMatchObject({
      PULUMI_CONFIG: '{"demo:size":"3","demo:token":"hidden"}',
      PULUMI_CONFIG_SECRET_KEYS: '["demo:token"]',
      PULUMI_NODEJS_TYPESCRIPT: "false",
    });
  });

  test("says what to do when the packages are not installed", () => {
    expect(() => runArguments(request(), "")).toThrow(
      `@pulumi/pulumi/cmd/run was not found from ${folder}: the program's packages are not installed; run npm install in its folder`,
    );
  });

  test.each([
    [{ code: 0, signal: null, interrupted: false }, "", false],
    [{ code: 32, signal: null, interrupted: false }, "", true],
    [
      { code: 3, signal: null, interrupted: false },
      "Program exited with non-zero exit code: 3",
      false,
    ],
    [
      { code: null, signal: "SIGKILL" as const, interrupted: false },
      "the program was killed by SIGKILL; was the memory exhausted?",
      false,
    ],
    [{ code: null, signal: "SIGTERM" as const, interrupted: true }, "", true],
  ])("answers %j", (ended, error, bail) => {
    const response = runResponse(ended);
    expect([response.getError(), response.getBail()]).toEqual([error, bail]);
  });

  test("ends it with what it started, also when it does not want to", async () => {
    const life = new Life();
    const marker = join(folder, "started");
    const script = `trap '' TERM; sleep 60 & echo $! > '${marker}'; wait; sleep 60`;
    const { ended } = start(life, ["sh", "-c", script], { stdio: "ignore" });
    const child = await waitFor({ what: marker, timeoutMs: 10_000, intervalMs: 20 }, async () => {
      try {
        const pid = Number(readFileSync(marker, "utf8"));
        return pid > 0 ? { done: true, value: pid } : { done: false, seen: "empty" };
      } catch {
        return { done: false, seen: "no such file" };
      }
    });
    life.cancel("interrupted");
    expect(await ended).toEqual({ code: null, signal: "SIGKILL", interrupted: true });
    await waitFor({ what: "the end of the child", timeoutMs: 5_000 }, async () => {
      try {
        process.kill(child, 0);
        return { done: false, seen: "still there" };
      } catch {
        return { done: true, value: undefined };
      }
    });
  });
});
