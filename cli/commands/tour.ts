import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerAsk } from "../../components/reflector/kinds";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { stateDir } from "../../util/paths";
import { readStackOutputs } from "../../verify/outputs";
import { renderResults, renderTables } from "../../verify/report";
import { verify } from "../../verify/run";
import { colours } from "../colours";
import { showPulumi } from "../pulumi";

export interface TourFlags {
  readonly stack: string;
}

/** One update of the tour: which COEs are deployed, the others only planned. */
export interface Stage {
  readonly title: string;
  /** The configuration file of this stage. */
  readonly text: string;
}

const settleMs = 120_000;

/**
 * `seamless tour`: the reference experiment as it was published, by one `pulumi up` for each step of it: the
 * reflector alone, then one COE after the other, with the tables after each.
 */
export async function run(flags: TourFlags): Promise<void> {
  const file = `Pulumi.${flags.stack}.yaml`;
  const text = await readFile(file, "utf8").catch((thrown) => {
    throw new SeamlessError(`${file}: ${messageOf(thrown)}`, exitCode.usage);
  });
  const folder = join(stateDir(), "tour");
  await mkdir(folder, { recursive: true });
  for (const [index, stage] of stagesOf(text, file).entries()) {
    say([`== ${index + 1}. ${stage.title}`, ""]);
    const stageFile = join(folder, file);
    await writeFile(stageFile, stage.text);
    await up(flags.stack, stageFile);
    const outputs = await readStackOutputs(process.cwd(), flags.stack);
    const result = await verify(outputs, {
      kinds: coeRuntimes,
      routerOf: routerAsk,
      speakers: speakerOf,
      only: [],
      waitMs: settleMs,
      onWait: (message) => process.stderr.write(`${message}\n`),
    });
    say(["", ...renderTables(result, colours), ...renderResults(result.results, colours), ""]);
    if (result.exitCode !== exitCode.ok) {
      process.exitCode = result.exitCode;
      return;
    }
  }
}

/** The stages of a configuration: nobody deployed, then one COE more each time, in the order of the file. */
export function stagesOf(text: string, file: string): Stage[] {
  const coes = parseDocument(text).getIn(["config", "seamless:coes"]);
  if (!isMap(coes) || coes.items.length === 0) {
    throw new SeamlessError(`${file}: found no seamless:coes; a tour needs some`, exitCode.usage);
  }
  const names = coes.items.map((item) => String(item.key));
  const titles = ["the reflector alone", ...names.map((name) => `${name} joins`)];
  return titles.map((title, deployed) => {
    const document: Document = parseDocument(text);
    for (const [index, name] of names.entries())
      document.setIn(["config", "seamless:coes", name, "deploy"], index < deployed);
    return { title, text: document.toString() };
  });
}

/** Runs the update with its output shown as it comes. */
async function up(stack: string, configFile: string): Promise<void> {
  const flags = ["--yes", "--skip-preview", "--suppress-outputs"];
  const argv = ["up", ...flags, "--stack", stack, "--config-file", configFile];
  if ((await showPulumi(process.cwd(), argv)) !== 0)
    throw new SeamlessError(`pulumi up of stack ${stack} failed; its output is above`);
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
