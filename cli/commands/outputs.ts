import { readFile } from "node:fs/promises";
import { exitCode, SeamlessError } from "../../util/errors";
import { parseOutputs, readStackOutputs, type StackOutputs } from "../../verify/outputs";

export interface OutputsFlags {
  readonly stack: string;
  readonly outputs?: string;
}

/** The stack's outputs, or those that a file has. */
export async function loadOutputs(flags: OutputsFlags): Promise<StackOutputs> {
  if (flags.outputs === undefined) return readStackOutputs(process.cwd(), flags.stack);
  const text = await readFile(flags.outputs, "utf8").catch((error: Error) => {
    throw new SeamlessError(`--outputs ${flags.outputs}: ${error.message}`, exitCode.usage);
  });
  return parseOutputs(text, flags.outputs);
}
