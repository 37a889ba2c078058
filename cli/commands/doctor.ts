import { existsSync } from "node:fs";
import { join } from "node:path";
import { coeRuntimes } from "../../components/kinds/runtime";
import { routerAsk } from "../../components/reflector/kinds";
import type { Config } from "../../config/types";
import { oldestNode, readFacts } from "../../doctor/facts";
import { machineLines, type Wants } from "../../doctor/machine";
import { renderLines } from "../../doctor/report";
import { stackLines } from "../../doctor/stack";
import type { Line, NeededProgram } from "../../doctor/types";
import { machineNames } from "../../lab/machine/names";
import { presenceOf } from "../../toolchain/build";
import { tools } from "../../toolchain/catalogue";
import { diskNeed } from "../../toolchain/disk";
import { labPrerequisites } from "../../toolchain/prerequisites";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { checkoutDir } from "../../util/paths";
import { inScratch } from "../../util/scratch";
import { sourceOf } from "../../util/tool";
import { parseOutputs, type StackOutputs } from "../../verify/outputs";
import { makeProbes } from "../../verify/seen";
import { colours } from "../colours";
import { type ConfigFlags, configFile, readConfig } from "./config";
import { type OutputsFlags, outputsText } from "./outputs";

export interface DoctorFlags extends ConfigFlags, OutputsFlags {
  readonly json?: boolean;
  /** The archive to write. */
  readonly bundle?: string;
}

/** What was looked at, for people and for the bundle. */
export interface Diagnosis {
  readonly lines: readonly Line[];
  readonly config?: Config;
  readonly outputs?: StackOutputs;
  /** All outputs as JSON, with secrets. */
  readonly outputsText?: string;
}

/** `seamless doctor`: exit code 0 nothing has to be mended, 1 something has to. */
export async function run(flags: DoctorFlags): Promise<void> {
  const diagnosis = await diagnose(flags);
  const { lines } = diagnosis;
  if (flags.bundle !== undefined) {
    const { writeSupportBundle } = await import("./bundle.js");
    await writeSupportBundle(flags, flags.bundle, diagnosis);
    process.stderr.write(`seamless: the bundle is in ${flags.bundle}\n`);
  }
  const text = flags.json
    ? JSON.stringify({ schemaVersion: 1, lines }, null, 2)
    : renderLines(lines, colours).join("\n");
  process.stdout.write(`${text}\n`);
  if (lines.some(({ level }) => level === "fail")) process.exitCode = exitCode.checkFailed;
}

async function diagnose(flags: DoctorFlags): Promise<Diagnosis> {
  const { line: configLine, config } = await lookAtConfig(flags);
  const [machine, stack] = await Promise.all([lookAtMachine(config), lookAtStack(flags)]);
  return {
    ...stack,
    ...(config === undefined ? {} : { config }),
    lines: [...machine, configLine, ...stack.lines],
  };
}

async function lookAtConfig(
  flags: DoctorFlags,
): Promise<{ readonly line: Line; readonly config?: Config }> {
  const id = "stack/config";
  const file = configFile(flags);
  try {
    return {
      line: { id, level: "ok", found: `${file} is valid` },
      config: await readConfig(flags),
    };
  } catch (thrown) {
    const advice = existsSync(file)
      ? `mend ${file}; docs/configuration.md explains every field`
      : "do as the message says";
    return { line: { id, level: "fail", found: messageOf(thrown), advice } };
  }
}

async function lookAtMachine(config: Config | undefined): Promise<Line[]> {
  const programs = programsFor(config);
  const lab = config?.lab;
  const own = tools.filter(({ group }) => group === "pulumi" || lab !== undefined);
  const absent = (
    await Promise.all(
      own.map(async (tool) => ((await presenceOf(tool)) === "absent" ? [tool] : [])),
    )
  ).flat();
  const { goCacheMb, resultMb } = diskNeed(absent);
  const wants: Wants = {
    oldestNode: oldestNode(join(checkoutDir(), "package.json")),
    programs,
    buildMb: goCacheMb + resultMb,
    ...(lab === undefined
      ? {}
      : { lab: { namespace: machineNames(lab.name).namespace, ports: lab.ports } }),
  };
  const ports = Object.values(lab?.ports ?? {});
  return machineLines(await readFacts({ programs, tools: own, ports }), wants);
}

/** Programs that the configuration takes: those of its kinds of COEs, and of the lab where there is one. */
function programsFor(config: Config | undefined): NeededProgram[] {
  const kinds = new Set(Object.values(config?.coes ?? {}).map(({ kind }) => kind));
  const ofKinds = Object.entries(coeRuntimes)
    .filter(([kind]) => kinds.has(kind))
    .flatMap(([, runtime]) => runtime.programs)
    .map((one) => ({ ...one, advice: sourceOf(one.program) }));
  const lab = config?.lab === undefined ? [] : labPrerequisites;
  const docker = { program: "docker", why: "runs the reflector", version: ["--version"] };
  const all: NeededProgram[] = [
    { ...docker, advice: sourceOf("docker") },
    ...ofKinds,
    ...lab.map(({ program, why, packages }) => ({
      program,
      why,
      advice: `apt-get install ${packages.at(-1)}, or run: make toolchain`,
    })),
  ];
  return [...new Map(all.reverse().map((one) => [one.program, one])).values()].reverse();
}

async function lookAtStack(
  flags: DoctorFlags,
): Promise<Pick<Diagnosis, "lines" | "outputs" | "outputsText">> {
  const id = "stack/outputs";
  try {
    const text = await outputsText(flags);
    const outputs = parseOutputs(text, flags.outputs ?? `stack ${flags.stack}`);
    const lines = await inScratch("doctor", async (scratch) => {
      const probes = await makeProbes(outputs.plan, outputs.access, coeRuntimes, scratch);
      return stackLines(outputs, probes, routerAsk);
    });
    const { coes, reflectors } = outputs.plan;
    const found = `readable; COEs: ${Object.keys(coes).join(", ")}; reflectors: ${Object.keys(reflectors).join(", ")}`;
    return { outputs, outputsText: text, lines: [{ id, level: "ok", found }, ...lines] };
  } catch (thrown) {
    // A stack that is not up yet is no fault.
    const absent = thrown instanceof SeamlessError && thrown.code === exitCode.nothingToCheck;
    const advice = absent
      ? `run: pulumi up --stack ${flags.stack}`
      : "do as the message says, or give --outputs a file of: pulumi stack output --json --show-secrets";
    return { lines: [{ id, level: absent ? "warn" : "fail", found: messageOf(thrown), advice }] };
  }
}
