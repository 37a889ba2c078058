import { resolve } from "node:path";

const program = resolve(__dirname, "..", "..", "index.ts");

/** Runs index.ts against the engine that is set, also where the process has run it before. */
export async function runProgram(): Promise<void> {
  delete require.cache[program];
  require(program);
}
