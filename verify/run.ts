import { type ExitCode, exitCode } from "../util/errors";
import { inScratch } from "../util/scratch";
import { checksOf } from "./checks";
import type { StackOutputs } from "./outputs";
import { defaultPace, type Pace, rounds } from "./rounds";
import { collect, makeProbes, type ProbeKinds } from "./seen";
import type { SpeakerKinds } from "./seen/own-word";
import type { RouterKinds } from "./seen/reflectors";
import type { CheckResult, CheckStatus, Judged, Observation } from "./types";

export interface VerifyOptions {
  /** The kinds of COEs, by name. */
  readonly kinds: ProbeKinds;
  /** How a reflector of a kind is asked. */
  readonly routerOf: RouterKinds;
  /** How the nodes of a kind of COE are asked. */
  readonly speakers: SpeakerKinds;
  /** What is checked. Default: what holds while the stack is up. */
  readonly checks?: readonly Judged[];
  /** Patterns of check ids (`*` stands for anything); empty means all. */
  readonly only: readonly string[];
  /** Milliseconds to go on until all checks pass; 0 confirms what does not pass, and goes on no longer than that takes. */
  readonly waitMs: number;
  /** When a check that does not pass is asked again. Default: {@link defaultPace}. */
  readonly pace?: Pace;
  /** Ends the waiting when aborted. */
  readonly signal?: AbortSignal;
  /** Told what still fails while waiting. */
  readonly onWait?: (message: string) => void;
}

export interface Verification {
  readonly results: readonly CheckResult[];
  readonly seen: Observation;
  readonly exitCode: ExitCode;
}

/** The checks that the patterns choose. */
export function select(checks: readonly Judged[], only: readonly string[]): Judged[] {
  if (only.length === 0) return [...checks];
  const patterns = only.map(
    (pattern) => new RegExp(`^${pattern.split("*").map(literal).join(".*")}(/.*)?$`),
  );
  return checks.filter((check) => patterns.some((pattern) => pattern.test(check.id)));
}

/** Asks, judges, and asks again for what does not pass; see {@link rounds}. */
export async function verify(outputs: StackOutputs, options: VerifyOptions): Promise<Verification> {
  const { pace = defaultPace, waitMs, onWait, signal } = options;
  const checks = select(options.checks ?? checksOf(outputs.plan), options.only);
  return inScratch("verify", async (scratch) => {
    const probes = await makeProbes(outputs.plan, outputs.access, options.kinds, scratch);
    const { results, seen } = await rounds({
      ...{ checks, pace, waitMs, onWait, signal },
      collect: (needed) => collect(outputs, probes, needed, options.routerOf, options.speakers),
    });
    return { results, seen, exitCode: codeOf(results, seen) };
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
