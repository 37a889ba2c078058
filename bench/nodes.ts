import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { NodeLab } from "../test/helpers/node-lab";
import { exec } from "../util/exec";

const program = resolve(__dirname, "..", "bin", "seamless");
const layers = ["session", "speaker", "acceptance", "rib", "fib", "kernel"];

/** What verifying many nodes costs. */
export interface NodeFigures {
  readonly verify: number;
  /** The same questions, put one after the other by a shell; nothing is read or compared. */
  readonly sequential: number;
  readonly questions: number;
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
      const again = performance.now();
      for (const question of asked) await exec(["docker", ...question]);
      const sequential = (performance.now() - again) / 1000;
      lab.questions();
      figures.push({ verify, sequential, questions: asked.length, atOnce: lab.mostAtOnce() });
    }
  } finally {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}
