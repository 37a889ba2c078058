import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { NodeLab } from "../test/helpers/node-lab";
import { exec } from "../util/exec";
import { commandsOf } from "./commands";
import { seconds } from "./times";

const program = resolve(__dirname, "..", "bin", "seamless");
const layers = ["session", "speaker", "acceptance", "rib", "fib", "kernel"];

/** What verifying many nodes costs. */
export interface NodeFigures {
  readonly verify: number;
  /** The same questions, put one after the other by a shell; nothing is read or compared. */
  readonly sequential: number;
  /** The commands that one types to see the same, one after the other; a question of verify's to a kernel is a dozen of them. */
  readonly typed: number;
  readonly questions: number;
  readonly commands: number;
  readonly atOnce: number;
}

/** Seconds that all layers of so many nodes take, and those of the same questions one after the other, in turns. */
export async function verifyNodes(count: number, turns: number): Promise<NodeFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), "seamless-bench-"));
  const outputs = join(folder, "outputs.json");
  const lab = new NodeLab(count);
  const figures: NodeFigures[] = [];
  try {
    await lab.up();
    writeFileSync(outputs, JSON.stringify(lab.outputs), { mode: 0o600 });
    await exec([program, "--version"], { timeoutMs: 180_000 });
    for (let turn = 0; turn < turns; turn++) {
      const start = performance.now();
      const argv = ["verify", "--outputs", outputs, "--json", "--only", ...layers];
      const result = await exec([program, ...argv], { timeoutMs: 300_000 });
      const verify = (performance.now() - start) / 1000;
      if (result.code !== 0) throw new Error(`verify: exit code ${result.code}: ${result.stderr}`);
      const asked = lab.questions();
      const atOnce = lab.mostAtOnce();
      const commands = asked.flatMap(commandsOf);
      const [sequential, typed] = [await oneByOne(asked), await oneByOne(commands)];
      lab.questions();
      const counts = { questions: asked.length, commands: commands.length, atOnce };
      figures.push({ verify, sequential, typed, ...counts });
    }
  } finally {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** Seconds that these take, one after the other. */
function oneByOne(all: readonly (readonly string[])[]): Promise<number> {
  return seconds(async () => {
    for (const argv of all) {
      const { code, stderr } = await exec(["docker", ...argv]);
      // A program that is missing takes no time.
      if (code === 127) throw new Error(`${argv.join(" ")}: ${stderr}`);
    }
  });
}
