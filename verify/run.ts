import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type ExitCode, exitCode } from "../util/errors";
import { inScratch } from "../util/scratch";
import { checksOf } from "./checks";
import type { StackOutputs } from "./outputs";
import { collect, makeProbes, type ProbeKinds } from "./seen";
import type { RouterKinds } from "./seen/reflectors";
import type { CheckResult, CheckStatus, Judged, Observation } from "./types";

export interface VerifyOptions {
  /** The kinds of COEs, by name. */
  readonly kinds: ProbeKinds;
  /** How a reflector of a kind is asked. */
  readonly routerOf: RouterKinds;
  /** Patterns of check ids (`*` stands for anything); empty means all. */
  readonly only: readonly string[];
  /** Milliseconds to go on trying until all checks pass; 0 asks once. */
  readonly waitMs: number;
  /** Told what still fails while waiting. */
  readonly onWait?: (message: string) => void;
}

export interface Verification {
  readonly results: readonly CheckResult[];
  readonly seen: Observation;
  readonly exitCode: ExitCode;
}

const intervalMs = 500;
const sayEveryMs = 5_000;

/** The checks that the patterns choose. */
export function select(checks: readonly Judged[], only: readonly string[]): Judged[] {
  if (only.length === 0) return [...checks];
  const patterns = only.map(
    (pattern) => new RegExp(`^${pattern.split("*").map(literal).join(".*")}(/.*)?$`),
  );
  return checks.filter((check) => patterns.some((pattern) => pattern.test(check.id)));
}

/** Collects and judges until everything passes or the time is over. */
export async function verify(outputs: StackOutputs, options: VerifyOptions): Promise<Verification> {
  const checks = select(checksOf(outputs.plan), options.only);
  const needed = new Set(checks.flatMap((check) => check.needs));
  return inScratch("verify", async (scratch) => {
    const probes = await makeProbes(outputs.plan, outputs.access, options.kinds, scratch);
    const start = performance.now();
    let said = start;
    for (;;) {
      const seen = await collect(outputs, probes, needed, options.routerOf);
      const results = checks.map(({ judge, needs: _, ...check }) => ({ ...check, ...judge(seen) }));
      const failed = results.filter((result) => result.status === "fail");
      if (failed.length === 0 || performance.now() - start >= options.waitMs) {
        return { results, seen, exitCode: codeOf(results, seen) };
      }
      if (performance.now() - said >= sayEveryMs) {
        said = performance.now();
        const first = failed[0];
        options.onWait?.(
          `${failed.length} of ${results.length} checks do not pass yet, e.g. ${first?.id}: ${first?.found}`,
        );
      }
      await pause(intervalMs);
    }
  });
}

function codeOf(results: readonly CheckResult[], seen: Observation): ExitCode {
  const some = (status: CheckStatus) => results.some((result) => result.status === status);
  if (!anybodyAnswered(seen) || results.every((result) => result.status === "skip"))
    return exitCode.nothingToCheck;
  if (some("fail")) return exitCode.checkFailed;
  return some("unknown") ? exitCode.nothingToCheck : exitCode.ok;
}

/** Whether anything at all came back; a failure says nothing where everybody is out of reach. */
function anybodyAnswered(seen: Observation): boolean {
  return Object.values(seen).some((part: Readonly<Record<string, object>>) =>
    Object.values(part).some((answer) => "ok" in answer && answer.ok === true),
  );
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
