import { readFile } from "node:fs/promises";
import { exitCode, SeamlessError, whyNoFile } from "../../util/errors";
import { parseOutputs, type StackOutputs, stackOutputsText } from "../../verify/outputs";

export interface OutputsFlags {
  readonly stack: string;
  readonly outputs?: string;
}

/** The stack's outputs, or those that a file has. */
export async function loadOutputs(flags: OutputsFlags): Promise<StackOutputs> {
  return parseOutputs(await outputsText(flags), flags.outputs ?? `stack ${flags.stack}`);
}

/** All of them as JSON, with secrets. */
export async function outputsText(flags: OutputsFlags): Promise<string> {
  if (flags.outputs === undefined) return stackOutputsText(process.cwd(), flags.stack);
  return readFile(flags.outputs, "utf8").catch((thrown) => {
    throw new SeamlessError(`--outputs ${flags.outputs}: ${whyNoFile(thrown)}`, exitCode.usage);
  });
}
