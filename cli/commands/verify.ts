import { writeFile } from "node:fs/promises";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerAsk } from "../../components/reflector/kinds";
import { exitCode, messageOf, SeamlessError, whyNoFile } from "../../util/errors";
import { checksOf } from "../../verify/checks";
import { goneChecks } from "../../verify/checks/gone";
import { junit } from "../../verify/junit";
import { keepLast, lastFolder } from "../../verify/last";
import type { StackOutputs } from "../../verify/outputs";
import { renderResults, renderTables } from "../../verify/report";
import { select, type Verification, verify } from "../../verify/run";
import { renderChanges, renderCounts, watch } from "../../verify/watch";
import { colours } from "../colours";
import { warn } from "../warn";
import { loadOutputs, type OutputsFlags } from "./outputs";

export interface VerifyFlags extends OutputsFlags {
  readonly only?: string[];
  readonly allPairs?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
  /** Whether the stack is gone. */
  readonly gone?: boolean;
  readonly tables: boolean;
  readonly wait?: string;
  /** True where it has no duration. */
  readonly watch?: string | true;
  readonly junit?: string;
}

const schemaVersion = 2;

/** `seamless verify`: exit code 0 all passed, 1 a check failed, 2 usage, 3 something could not be asked and nothing failed. */
export async function run(flags: VerifyFlags): Promise<void> {
  const waitMs = duration("--wait", flags.wait ?? "0s");
  const everyMs = duration("--watch", typeof flags.watch === "string" ? flags.watch : "30s");
  if (flags.gone === true && flags.outputs === undefined)
    throw new SeamlessError(
      "--gone: needs --outputs FILE; a stack that is gone has no outputs, so save them before: pulumi stack export --show-secrets --file FILE",
      exitCode.usage,
    );
  const outputs = await loadOutputs(flags);
  const checks =
    flags.gone === true
      ? goneChecks(outputs.plan, speakerOf)
      : checksOf(outputs.plan, { allPairs: flags.allPairs === true });
  const only = flags.only ?? [];
  const chosen = select(checks, only);
  if (chosen.length === 0) {
    throw new SeamlessError(
      `--only ${only.join(" ")}: no check has such an id; see: seamless verify --list`,
      exitCode.usage,
    );
  }
  if (flags.list) {
    const list = chosen.map(({ id, group, title }) => ({ id, group, title }));
    print(
      flags.json
        ? [JSON.stringify({ schemaVersion, checks: list }, null, 2)]
        : list.map((one) => `${one.id}: ${one.title}`),
    );
    return;
  }
  // A file that cannot be written is told before anybody is asked.
  if (flags.junit !== undefined) await writeReport(flags.junit, "");
  const look = async (now: StackOutputs): Promise<Verification> => {
    const verification = await verify(now, {
      ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers: speakerOf, only, waitMs },
      checks,
      onWait: (message) => process.stderr.write(`${message}\n`),
    });
    // What is left of a stack is no state of one.
    if (flags.gone !== true) await keepLast(lastFolder(), now, verification.results, Date.now());
    if (flags.junit !== undefined) await writeReport(flags.junit, junit(verification.results));
    return verification;
  };
  if (flags.watch !== undefined) await lookOn(flags, outputs, look, everyMs);
  else show(flags, await look(outputs));
}

function show(flags: VerifyFlags, verification: Verification): void {
  const { results, seen, exitCode } = verification;
  process.exitCode = exitCode;
  print(
    flags.json
      ? [JSON.stringify({ schemaVersion, exitCode, results, seen }, null, 2)]
      : [
          ...(flags.tables && flags.gone !== true ? renderTables(verification, colours) : []),
          ...renderResults(results, colours),
        ],
  );
}

/** Looks until it is interrupted. The plan is read anew for each round, because an update may have changed it. */
async function lookOn(
  flags: VerifyFlags,
  first: StackOutputs,
  look: (outputs: StackOutputs) => Promise<Verification>,
  everyMs: number,
): Promise<void> {
  let [outputs, round] = [first, 0];
  await watch({
    everyMs,
    look: async () => {
      if (round++ > 0)
        outputs = await loadOutputs(flags).catch((thrown) => {
          warn(`${messageOf(thrown)}; going on with the plan as it was`);
          return outputs;
        });
      return (await look(outputs)).results;
    },
    tell: (changes, results, isFirst) => {
      const time = new Date().toISOString().replace(/\.\d+/, "");
      if (flags.json) {
        for (const change of changes) print([JSON.stringify({ schemaVersion, time, ...change })]);
        return;
      }
      const lines = renderChanges(changes, time);
      if (isFirst || lines.length > 0) print([...lines, renderCounts(results, time)]);
    },
  });
}

async function writeReport(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((thrown) => {
    throw new SeamlessError(`--junit ${file}: ${whyNoFile(thrown)}`, exitCode.usage);
  });
}

function duration(option: string, text: string): number {
  const [, count, unit = "s"] = /^(\d+)(ms|s|m)?$/.exec(text) ?? [];
  if (count === undefined)
    throw new SeamlessError(
      `${option} ${text}: allowed: a duration such as 60s or 2m`,
      exitCode.usage,
    );
  return Number(count) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1000);
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
