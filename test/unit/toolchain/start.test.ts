/** How the program starts: what is compiled when, and what is not loaded. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { exec } from "../../../util/exec";

const project = resolve(__dirname, "..", "..", "..");

describe("a checkout", () => {
  let root: string;
  const file = (name: string) => join(root, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(file(name)), { recursive: true });
    writeFileSync(file(name), text);
  };
  /** Runs the build of this checkout, as every entry point does first. */
  const build = () => {
    const ran = spawnSync("node", [file("toolchain/start/build.js")], { encoding: "utf8" });
    return { code: ran.status, said: ran.stderr };
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "seamless-start-"));
    cpSync(join(project, "toolchain", "start"), file("toolchain/start"), { recursive: true });
    const typescript = join(project, "node_modules", "typescript");
    mkdirSync(file("node_modules"));
    symlinkSync(typescript, file("node_modules/typescript"));
    write("package.json", '{"type":"commonjs"}');
    const compilerOptions = {
      ...{ target: "es2022", lib: ["es5"], types: [], module: "nodenext", rootDir: "." },
      ...{ outDir: "dist", incremental: true, tsBuildInfoFile: "dist/.tsbuildinfo" },
    };
    write(
      "tsconfig.build.json",
      JSON.stringify({ compilerOptions, exclude: ["node_modules", "dist", "test"] }),
    );
    write("index.ts", "export const one: number = 1;\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("is compiled when nothing is, and again only when a source says something else", () => {
    expect(build()).toEqual({ code: 0, said: "seamless: nothing is compiled yet: compiling\n" });
    expect(readFileSync(file("dist/index.js"), "utf8")).toContain("exports.one = 1");
    expect(build()).toEqual({ code: 0, said: "" });

    const later = new Date(Date.now() + 60_000);
    utimesSync(file("index.ts"), later, later);
    const compiled = statSync(file("dist/index.js")).mtimeMs;
    expect(build()).toEqual({ code: 0, said: "" });

    write("test/a.ts", "const wrong: number = 'a test is no source';\n");
    expect(build()).toEqual({ code: 0, said: "" });
    expect(statSync(file("dist/index.js")).mtimeMs).toBe(compiled);

    write("index.ts", "export const one: number = 2;\n");
    expect(build()).toEqual({ code: 0, said: "seamless: the sources have changed: compiling\n" });
    expect(readFileSync(file("dist/index.js"), "utf8")).toContain("exports.one = 2");

    rmSync(file("dist/index.js"));
    expect(build()).toEqual({
      code: 0,
      said: "seamless: compiled files are missing: compiling\n",
    });
    expect(existsSync(file("dist/index.js"))).toBe(true);
  }, 60_000);

  test("keeps nothing of a source that is gone, which Node.js could load in place of its successor", () => {
    write("part.ts", "export const where = 'file';\n");
    write("index.ts", 'export * from "./part";\n');
    expect(build().code).toBe(0);
    rmSync(file("part.ts"));
    write("part/index.ts", "export const where = 'folder';\n");
    expect(build().code).toBe(0);
    const loaded = execFileSync("node", ["-p", "require('./dist').where"], { cwd: root });
    expect(loaded.toString()).toBe("folder\n");
  }, 60_000);

  test("is refused when it does not compile, until it does", () => {
    expect(build().code).toBe(0);
    write("index.ts", 'export const one: number = "two";\n');
    const refused = {
      code: 2,
      said: [
        "seamless: the sources have changed: compiling",
        "seamless: the sources have changed, and they do not compile:",
        "index.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.",
        "mend what the compiler says, then run: npm run build",
        "",
      ].join("\n"),
    };
    expect(build()).toEqual(refused);
    expect(build()).toEqual(refused);
    write("index.ts", "export const one: number = 1;\n");
    expect(build().code).toBe(0);
  }, 60_000);

  test("is refused with what to run when there is no compiler", () => {
    rmSync(file("node_modules"), { recursive: true });
    expect(build()).toEqual({
      code: 2,
      said: [
        "seamless: nothing is compiled yet: compiling",
        "seamless: nothing is compiled yet, and there is no TypeScript in node_modules to compile with;",
        "run: npm install --include=dev --ignore-scripts",
        "",
      ].join("\n"),
    });
  });

  test("is compiled once by several that start at the same time", async () => {
    expect(build().code).toBe(0);
    // A compiler that keeps count, and then compiles.
    rmSync(file("node_modules/typescript"));
    const real = join(project, "node_modules", "typescript", "bin", "tsc");
    write("node_modules/typescript/package.json", "{}");
    write(
      "node_modules/typescript/bin/tsc",
      `require("node:fs").appendFileSync("count", "1"); require(${JSON.stringify(real)});`,
    );
    const argv = ["node", file("toolchain/start/build.js")];
    const all = await Promise.all([exec(argv), exec(argv), exec(argv)]);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(readFileSync(file("count"), "utf8")).toBe("1");
    expect(build()).toEqual({ code: 0, said: "" });
  }, 60_000);
});

describe("the program", () => {
  test("is run compiled, by the entry that compiles it when needed", () => {
    const { runtime, main } = parse(readFileSync(join(project, "Pulumi.yaml"), "utf8"));
    expect(runtime.options.typescript).toBe(false);
    expect(main).toBe("start.js");
    expect(existsSync(join(project, main))).toBe(true);
  });

  /** The packages below node_modules from which something is loaded after these statements. */
  const loadedBy = (...statements: readonly string[]) => {
    const list = "Object.keys(require.cache).map((file) => file.split('/node_modules/').at(-1))";
    const script = [...statements, `console.log(JSON.stringify(${list}))`].join(";");
    const argv = ["--require", "./toolchain/start/light.js", "-e", script];
    const files: string[] = JSON.parse(execFileSync("node", argv, { cwd: project }).toString());
    return (name: string) => files.some((path) => path.startsWith(name));
  };

  test("loads the SDKs without what only dynamic providers, charts and YAML files need", () => {
    const loaded = loadedBy(
      'require("@pulumi/pulumi")',
      'require("@pulumi/kubernetes").core.v1',
      'require("zod").z.string().parse("")',
    );
    expect(loaded("@pulumi/pulumi/")).toBe(true);
    expect(loaded("@pulumi/kubernetes/core/v1/")).toBe(true);
    for (const unused of [
      "@npmcli/arborist/",
      "typescript/",
      "@pulumi/kubernetes/helm/",
      "zod/v4/locales/ar",
    ])
      expect([unused, loaded(unused)]).toEqual([unused, false]);
  });

  test("has what is left out as soon as it is used", () => {
    const chart = loadedBy('if (!require("@pulumi/kubernetes").helm.v3.Chart) throw 0');
    expect(chart("@pulumi/kubernetes/helm/v3/")).toBe(true);
    const script = `const { runtime } = require("@pulumi/pulumi");
      runtime.serializeFunction((a) => a + 1).then(({ text }) => console.log(text))`;
    const argv = ["--no-warnings", "--require", "./toolchain/start/light.js", "-e", script];
    expect(execFileSync("node", argv, { cwd: project }).toString()).toContain(
      "return (a) => a + 1;",
    );
  });
});
