import type { Command } from "commander";
import colors from "picocolors";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakers } from "../../components/kinds/speakers";
import { routerKind } from "../../components/reflector/kinds";
import { exitCode, SeamlessError } from "../../util/errors";
import { checksOf } from "../../verify/checks";
import { renderResults, renderTables } from "../../verify/report";
import { select, verify } from "../../verify/run";
import { loadOutputs, type OutputsFlags } from "./outputs";

export interface VerifyFlags extends OutputsFlags {
  readonly only?: string[];
  readonly list?: boolean;
  readonly json?: boolean;
  readonly tables: boolean;
  readonly wait?: string;
}

/** `seamless verify`: exit code 0 all passed, 1 a check failed, 2 usage, 3 something could not be asked and nothing failed. */
export async function run(flags: VerifyFlags, command: Command): Promise<void> {
  const waitMs = duration(flags.wait ?? "0s", command);
  const outputs = await loadOutputs(flags);
  const only = flags.only ?? [];
  const chosen = select(checksOf(outputs.plan), only);
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
        ? [JSON.stringify({ schemaVersion: 2, checks: list }, null, 2)]
        : list.map((one) => `${one.id}: ${one.title}`),
    );
    return;
  }
  const verification = await verify(outputs, {
    kinds: coeRuntimes,
    routerOf: routerKind,
    speakers,
    only,
    waitMs,
    onWait: (message) => process.stderr.write(`${message}\n`),
  });
  process.exitCode = verification.exitCode;
  if (flags.json) {
    const { results, seen } = verification;
    print([
      JSON.stringify({ schemaVersion: 2, exitCode: verification.exitCode, results, seen }, null, 2),
    ]);
    return;
  }
  print([
    ...(flags.tables ? renderTables(verification, colors) : []),
    ...renderResults(verification.results, colors),
  ]);
}

function duration(text: string, command: Command): number {
  const match = /^(\d+)(ms|s|m)?$/.exec(text);
  if (match === null) command.error(`--wait ${text}: expected a duration such as 60s or 2m`);
  const unit = { ms: 1, s: 1000, m: 60_000 }[match?.[2] ?? "s"] ?? 1000;
  return Number(match?.[1]) * unit;
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
