import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { namespacePrefix } from "../../lab/machine/names";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";

const project = resolve(__dirname, "..", "..");

/** A Docker daemon for one test file, in a namespace of its own, made as the lab's is. */
export class TestDocker {
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-docker-"));
  /** As the lab's machine is called. */
  readonly name = `d${process.pid}`;
  /** The network namespace that it is in, as `ip netns` knows it. */
  readonly namespace = `${namespacePrefix}${this.name}`;
  readonly host = `unix://${this.folder}/state/lab-${this.name}/docker.sock`;

  /** Where its machine is kept. */
  get stateFolder(): string {
    return join(this.folder, "state");
  }

  async up(): Promise<void> {
    mkdirSync(join(this.folder, "cache"));
    symlinkSync(toolsBin(), join(this.folder, "cache", "bin"));
    await this.step("lab-machine", { name: this.name, forwards: {} });
  }

  async down(): Promise<void> {
    await this.step("lab-machine-down", { name: this.name });
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs docker. @returns what it printed, without the last line end; the text of its error when it fails */
  async docker(...args: string[]): Promise<string> {
    const result = await exec(["docker", "--host", this.host, ...args]);
    return (result.code === 0 ? result.stdout : result.stderr).trimEnd();
  }

  private async step(command: string, input: unknown): Promise<ExecResult> {
    const result = await exec([join(project, "bin", "seamless"), "internal", command], {
      cwd: project,
      input: JSON.stringify(input),
      timeoutMs: 120_000,
      env: {
        SEAMLESS_STATE: join(this.folder, "state"),
        SEAMLESS_CACHE: join(this.folder, "cache"),
      },
    });
    if (result.code !== 0) throw new Error(`${command}: ${result.stderr}`);
    return result;
  }
}
