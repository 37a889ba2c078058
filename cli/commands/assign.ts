import { readFile, writeFile } from "node:fs/promises";
import { assignIn } from "../../components/kinds/planning";
import { type Assignment, writtenValue } from "../../config/assign";
import { dotted } from "../../config/problems";
import { exitCode, SeamlessError, whyNoFile } from "../../util/errors";
import { warn } from "../warn";
import { existingConfigFile, withNodes } from "./config";
import type { PlanFlags } from "./plan";

/** `seamless plan --assign`: writes what is missing into the stack's file. A file that is wrong otherwise stays as it is. */
export async function run(flags: PlanFlags): Promise<void> {
  const file = existingConfigFile(flags);
  const text = await readFile(file, "utf8").catch((thrown) => {
    throw new SeamlessError(`${file}: cannot be read: ${whyNoFile(thrown)}`, exitCode.usage);
  });
  const { text: written, assigned } = await withNodes((readNodes) =>
    assignIn(text, file, { readNodes, warn }),
  );
  if (written !== text)
    await writeFile(file, written).catch((thrown) => {
      throw new SeamlessError(`${file}: cannot be written: ${whyNoFile(thrown)}`, exitCode.usage);
    });
  const lines = flags.json
    ? [JSON.stringify({ schemaVersion: 1, file, assigned: assigned.map(named) }, null, 2)]
    : assigned.length === 0
      ? [`${file}: nothing is missing`]
      : [
          ...assigned.map((one) => `${dotted(one.path)}: ${writtenValue(one)}`),
          "",
          ...difference(file, text, written),
        ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

const named = ({ path, value }: Assignment) => ({ path: dotted(path), value });

/** The lines that differ, each side with its numbers. A line is added, or has something added to it. */
function difference(file: string, before: string, after: string): string[] {
  const [old, next] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  const lines = [`--- ${file}`, `+++ ${file}`];
  let at = 0;
  for (const [index, line] of next.entries()) {
    const was = old[at];
    if (line === was) at += 1;
    else if (was !== undefined && isPart(was, line)) {
      lines.push(`-${at + 1}: ${was}`, `+${index + 1}: ${line}`);
      at += 1;
    } else lines.push(`+${index + 1}: ${line}`);
  }
  return lines;
}

/** Whether a line is another one with something added inside. */
function isPart(was: string, line: string): boolean {
  let at = 0;
  for (const character of line) if (character === was[at]) at += 1;
  return at === was.length && was.trim() !== "";
}
