import { writeFile } from "node:fs/promises";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerTraits } from "../../components/kinds/traits";
import { routerAsk } from "../../components/reflector/kinds";
import { reportPage } from "../../report";
import { exitCode, SeamlessError, whyNoFile } from "../../util/errors";
import { Redactor, secretsIn } from "../../util/redact";
import { verify } from "../../verify/run";
import { loadOutputs, type OutputsFlags } from "./outputs";

export interface ReportFlags extends OutputsFlags {
  /** Default: standard output. */
  readonly output?: string;
}

/** `seamless report`: asks as `seamless verify` does and has its exit codes; the page is written whatever comes of the checks. */
export async function run(flags: ReportFlags): Promise<void> {
  const outputs = await loadOutputs(flags);
  const {
    results,
    seen,
    exitCode: code,
  } = await verify(outputs, {
    kinds: coeRuntimes,
    routerOf: routerAsk,
    speakers: speakerOf,
    only: [],
    waitMs: 0,
    onWait: (message) => process.stderr.write(`${message}\n`),
  });
  const { plan, access } = outputs;
  // What a failed question quotes may have a login in it.
  const redactor = new Redactor(secretsIn(access));
  const page = reportPage({
    ...{ stack: flags.stack, plan, ...redactor.texts({ results, seen }) },
    at: new Date(),
    traits: routerTraits,
  });
  await write(page, flags.output);
  process.exitCode = code;
}

async function write(page: string, file: string | undefined): Promise<void> {
  if (file === undefined) {
    process.stdout.write(page);
    return;
  }
  try {
    await writeFile(file, page);
  } catch (thrown) {
    throw new SeamlessError(`--output ${file}: ${whyNoFile(thrown)}`, exitCode.usage);
  }
  process.stderr.write(`seamless: the report is in ${file}\n`);
}
