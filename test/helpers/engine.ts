/** Runs the real Pulumi CLI, with this project's plugins, on small programs in temporary folders. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { pulumiVersion } from "../../toolchain/catalogue";
import { scriptFor, standInPrograms } from "../../toolchain/home";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";

const root = resolve(__dirname, "../..");
const defaultTimeoutMs = 300_000;

const checkpoint = z.object({
  deployment: z.object({
    resources: z.array(z.looseObject({ urn: z.string(), type: z.string() })).default([]),
  }),
});

function script(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

/** A hard link, or a copy on an other file system: the CLI looks for its language hosts beside its real file. */
function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}

/**
 * Fills an own PULUMI_HOME, laid out as the launcher's: the CLI keeps the selected stacks of a user in it.
 * @returns the CLI in it.
 */
function fillHome(home: string, packages: readonly string[]): string {
  const cli = join(home, "versions", pulumiVersion, "bin", "pulumi");
  place(join(toolsBin(), "pulumi"), cli);
  for (const { name, path, main } of standInPrograms()) {
    if (name !== "language-nodejs" && !packages.includes(name)) continue;
    if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build first`);
    script(join(home, ...path), scriptFor(main));
  }
  return cli;
}

/** The folder of a provider of this project's own; not there for the others. */
function ownPlugin(name: string): string {
  return join(root, "components", name, "provider", "plugin");
}

export interface RunningCli {
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** The exit code, or the name of the signal that killed it. */
  readonly ended: Promise<number | string>;
}

/** A stack with a file backend in a temporary folder. */
export class TestStack {
  private constructor(
    /** The folder of the program. */
    readonly folder: string,
    private readonly cli: string,
    private readonly env: Record<string, string>,
  ) {}

  /**
   * Makes the project and its stack `test`.
   * @param packages The provider plugins that its programs need: stand-ins such as `command`, and our own.
   */
  static async make(packages: readonly string[]): Promise<TestStack> {
    const folder = mkdtempSync(join(tmpdir(), "seamless-engine-"));
    const home = join(folder, ".home");
    const cli = fillHome(home, packages);
    mkdirSync(join(folder, ".state"));
    const own = packages.filter((name) => existsSync(ownPlugin(name)));
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      stringify({
        name: "engine",
        runtime: "nodejs",
        description: "a test",
        // Relative to its folder, as in the project's own Pulumi.yaml.
        plugins: {
          providers: own.map((name) => ({ name, path: relative(folder, ownPlugin(name)) })),
        },
      }),
    );
    writeFileSync(join(folder, "package.json"), '{"name":"engine","main":"index.ts"}\n');
    copyFileSync(join(root, "tsconfig.json"), join(folder, "tsconfig.json"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const stack = new TestStack(folder, cli, {
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${join(folder, ".state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      NO_COLOR: "1",
    });
    const made = await stack.pulumi("stack", "init", "test");
    if (made.code !== 0) throw new Error(`pulumi stack init: ${made.stderr}`);
    return stack;
  }

  /** Writes a file of the program, such as index.ts. */
  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** The text of a file in the program's folder; empty when there is none. */
  read(name: string): string {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Runs the CLI to its end. */
  pulumi(...args: readonly string[]): Promise<ExecResult> {
    return this.pulumiWith({}, ...args);
  }

  /** Runs the CLI to its end, with more in its environment. */
  pulumiWith(
    env: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<ExecResult> {
    const argv = [this.cli, ...args, "--non-interactive"];
    return exec(argv, {
      cwd: this.folder,
      env: { ...this.env, ...env },
      timeoutMs: defaultTimeoutMs,
    });
  }

  /** Runs the CLI to its end. @returns its standard output @throws Error with all that it printed when it fails */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    return stdout;
  }

  /** Starts the CLI in an own process group. */
  start(...args: readonly string[]): RunningCli {
    const child = spawn(this.cli, [...args, "--non-interactive"], {
      cwd: this.folder,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    if (child.pid === undefined) throw new Error(`cannot start ${this.cli}`);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
      });
    const ended = new Promise<number | string>((resolve) => {
      child.on("close", (code, signal) => resolve(code ?? signal ?? ""));
    });
    return { pid: child.pid, output: () => output, ended };
  }

  /** The state file as it lies on the disk. */
  rawState(): string {
    return this.read(".state/.pulumi/stacks/engine/test.json");
  }

  /** The resources in the state, with secrets in plain text. */
  async resources(): Promise<z.infer<typeof checkpoint>["deployment"]["resources"]> {
    const exported = await this.pulumi("stack", "export", "--show-secrets");
    return checkpoint.parse(JSON.parse(exported.stdout)).deployment.resources;
  }

  /** The command lines of all processes that the CLI started for this stack, with what they started themselves. */
  processes(): string[] {
    const mark = `PULUMI_HOME=${this.env.PULUMI_HOME}\0`;
    return readdirSync("/proc").flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()];
      } catch {
        // Not a process, or one that has just ended.
        return [];
      }
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
