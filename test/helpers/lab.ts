import { mkdtempSync } from "node:fs";
import { readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import type { CheckResult, Observation } from "../../verify/types";

const project = resolve(__dirname, "..", "..");

/** Changes to the lab's configuration, as paths below `config`; undefined takes away what is there. */
export type Changes = readonly (readonly [path: readonly string[], value: unknown])[];

/** What `seamless verify --json` printed. */
export interface Report {
  readonly exitCode: number;
  readonly results: readonly CheckResult[];
  readonly seen: Observation;
}

/** The checks that failed, a line each. */
export const failures = (report: Report): string[] =>
  report.results
    .filter(({ status }) => status === "fail" || status === "unknown")
    .map((one) => `${one.id}: ${one.found} (asked ${one.asked})`);

/**
 * A lab for tests or for the bench, beside the user's own: another stack, name and ports, and a state folder that goes
 * with it. The tools and images of the cache are shared.
 */
export class TestLab {
  readonly state = mkdtempSync(join(tmpdir(), "seamless-lab-"));
  readonly stack: string;
  readonly dockerHost: string;
  private readonly configFile: string;

  /**
   * @param source file with the configuration of the lab that it is like
   * @param ports of the machine, free ones
   * @param name of the lab and its stack
   */
  constructor(
    private readonly source = "Pulumi.lab.yaml",
    readonly ports: Readonly<Record<string, number>> = {
      kubernetes: 26443,
      etcd: 22379,
      dcos: 28080,
    },
    readonly name = "test",
  ) {
    this.stack = name;
    this.dockerHost = `unix://${this.state}/lab-${name}/docker.sock`;
    this.configFile = join(project, `Pulumi.${name}.yaml`);
  }

  /** Writes the stack's configuration: that of the source with the changes; a salt it has stays. */
  async configure(changes: Changes = []): Promise<void> {
    const document = parseDocument(await readFile(join(project, this.source), "utf8"));
    const salt = parseDocument(await readFile(this.configFile, "utf8").catch(() => "")).get(
      "encryptionsalt",
    );
    document.delete("encryptionsalt");
    if (salt !== undefined) document.set("encryptionsalt", salt);
    document.setIn(["config", "seamless:lab"], { name: this.name, ports: this.ports });
    for (const [path, value] of changes) {
      if (value === undefined) document.deleteIn(["config", ...path]);
      else document.setIn(["config", ...path], value);
    }
    await writeFile(this.configFile, document.toString());
  }

  /** Makes the stack. */
  async init(): Promise<void> {
    await rm(this.configFile, { force: true });
    await this.configure();
    await this.must(await this.pulumi(["stack", "init", this.stack], 60_000));
  }

  pulumi(args: readonly string[], timeoutMs: number): Promise<ExecResult> {
    const argv = [join(project, "node_modules", ".bin", "pulumi"), ...args, "--non-interactive"];
    return exec(argv, { cwd: project, timeoutMs, env: this.env() });
  }

  up(flags: readonly string[] = []): Promise<ExecResult> {
    const args = ["up", "--yes", "--skip-preview", "--stack", this.stack, ...flags];
    return this.pulumi(args, 15 * 60_000);
  }

  preview(flags: readonly string[] = []): Promise<ExecResult> {
    return this.pulumi(["preview", "--stack", this.stack, ...flags], 180_000);
  }

  destroy(flags: readonly string[] = []): Promise<ExecResult> {
    const args = ["destroy", "--yes", "--skip-preview", "--stack", this.stack, ...flags];
    return this.pulumi(args, 600_000);
  }

  seamless(args: readonly string[], timeoutMs = 240_000): Promise<ExecResult> {
    return exec([join(project, "bin", "seamless"), ...args], {
      cwd: project,
      timeoutMs,
      env: this.env(),
    });
  }

  docker(args: readonly string[]): Promise<ExecResult> {
    return exec(["docker", "--host", this.dockerHost, ...args]);
  }

  /** What verify says of the lab. @throws Error with its messages when it says nothing */
  async verified(flags: readonly string[] = []): Promise<Report> {
    const result = await this.seamless(["verify", "--stack", this.stack, "--json", ...flags]);
    if (result.stdout === "") throw new Error(result.stderr);
    return JSON.parse(result.stdout);
  }

  /** The cluster's own administrator. */
  async kubectl(args: readonly string[], coe = "kubernetes"): Promise<ExecResult> {
    const kubeconfig = await this.kubeconfig(coe);
    return exec([join(toolsBin(), "kubectl"), `--kubeconfig=${kubeconfig}`, ...args], {
      timeoutMs: 120_000,
    });
  }

  /** Writes the administrator's kubeconfig. @returns its path */
  async kubeconfig(coe = "kubernetes"): Promise<string> {
    const shown = await this.pulumi(
      ["stack", "output", "kubeconfigs", "--show-secrets", "--json", "--stack", this.stack],
      60_000,
    );
    const file = join(this.state, "kubeconfig");
    await writeFile(file, JSON.parse(this.must(shown).stdout)[coe], { mode: 0o600 });
    return file;
  }

  /**
   * Kills the engine that works on this lab's stack, as the kernel would when memory runs out; not while it writes its state,
   * which would be lost then.
   */
  async killEngine(): Promise<void> {
    const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    for (const id of ids) {
      const program = await readlink(`/proc/${id}/exe`).catch(() => "");
      const environment = await readFile(`/proc/${id}/environ`, "utf8").catch(() => "");
      const ours = environment.split("\0").includes(`SEAMLESS_STATE=${this.state}`);
      if (ours && basename(program) === "pulumi") await this.killBetweenWrites(Number(id));
    }
  }

  private async killBetweenWrites(engine: number): Promise<void> {
    const stacks = join(this.state, "pulumi", ".pulumi", "stacks", "seamless");
    const wait = { what: "a whole state", timeoutMs: 10_000, intervalMs: 20 };
    await waitFor(wait, async () => {
      process.kill(engine, "SIGSTOP");
      try {
        JSON.parse(await readFile(join(stacks, `${this.stack}.json`), "utf8"));
        process.kill(engine, "SIGKILL");
        return { done: true, value: undefined };
      } catch (thrown) {
        process.kill(engine, "SIGCONT");
        return { done: false, seen: String(thrown) };
      }
    });
  }

  /** Takes the lab's machine away, whatever the engine thinks of it. */
  removeMachine(): Promise<ExecResult> {
    return exec([join(project, "bin", "seamless"), "internal", "lab-machine-down"], {
      cwd: project,
      input: JSON.stringify({ name: this.name }),
      timeoutMs: 180_000,
      env: this.env(),
    });
  }

  /** Kills the lab's Docker daemon. */
  async killDocker(): Promise<void> {
    const file = join(this.state, `lab-${this.name}`, "docker.pid");
    process.kill(Number(await readFile(file, "utf8")), "SIGKILL");
  }

  /** @throws Error with everything the program printed unless it ended well. */
  must(result: ExecResult): ExecResult {
    if (result.code !== 0)
      throw new Error(
        `exit code ${result.code} ${result.failure ?? ""}\n${result.stdout}\n${result.stderr}`,
      );
    return result;
  }

  /** Takes away the stack's files; the lab itself must be destroyed before. */
  async forget(): Promise<void> {
    await rm(this.configFile, { force: true });
    await rm(this.state, { recursive: true, force: true });
  }

  private env() {
    return { SEAMLESS_STATE: this.state, NO_COLOR: "1", PULUMI_STACK: undefined };
  }
}

/** One life of a lab in a file of tests: its stack is made before all of them; after them the lab and its files go. */
export function aroundLab(lab: TestLab, changes: Changes = []): void {
  const minutes = 60_000;
  beforeAll(async () => {
    await lab.init();
    if (changes.length > 0) await lab.configure(changes);
  }, 2 * minutes);
  afterAll(async () => {
    await lab.destroy();
    // What a failed test has left; nothing to do after one that passed.
    lab.must(await lab.removeMachine());
    await lab.forget();
  }, 10 * minutes);
}

/**
 * The first update of a lab: everything agrees, and a second one has nothing to do.
 * @param wait how long verify waits for that
 * @returns the ids of the checks that passed
 */
export async function comesUp(lab: TestLab, wait: string): Promise<string[]> {
  lab.must(await lab.up());
  const report = await lab.verified(["--wait", wait]);
  expect(failures(report)).toEqual([]);
  lab.must(await lab.preview(["--expect-no-changes"]));
  return report.results.filter(({ status }) => status === "pass").map(({ id }) => id);
}
