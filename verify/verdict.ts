import type { Answer } from "../components/ask/types";
import type { Fault, Verdict } from "./types";

/** An answer that is none. */
export type Refusal = Extract<Answer<unknown>, { readonly ok: false }>;

/** What is said of a check beside what came back; the cause and the remedy are those of a failure. */
export type About = Readonly<
  Required<Pick<Verdict, "at" | "expected" | "source">> & Pick<Verdict, "cause" | "remedy">
>;

export function pass(asked: string, found: string): Verdict {
  return { status: "pass", asked, found };
}

export function skip(asked: string, found: string): Verdict {
  return { status: "skip", asked, found };
}

/** @param found what is wrong; where it is several things, of which some may pass while others come, a list of them */
export function fail(asked: string, found: string | readonly Fault[], about: About): Verdict {
  if (typeof found === "string") return { status: "fail", asked, found, ...about };
  return { status: "fail", asked, found: writeFaults(found), faults: found, ...about };
}

/** All that is wrong, in one line. */
export function writeFaults(faults: readonly Fault[]): string {
  return [...new Set(faults.map((one) => (typeof one === "string" ? one : one.found)))].join("; ");
}

/** What is said where the question has no answer: a question that was not put says nothing of the network. */
export function refused(answer: Refusal, about: About): Verdict {
  const { asked, error } = answer;
  if (answer.unasked !== true)
    return { ...fail(asked, error, about), ...(answer.late === true ? { late: true } : {}) };
  const { at, expected, source } = about;
  return {
    ...{ status: "unknown", asked, found: error, at, expected, source },
    cause: "the question did not get through, so nothing is known of the network",
    remedy: "run what was asked by hand; when it gets through, verify again",
  };
}

/** The same of a question to the speaker of a node. */
export function silentSpeaker(node: string, answer: Refusal, about: About): Verdict {
  return refused(answer, {
    ...about,
    cause: `the speaker on ${node} does not run, or its own view cannot be read`,
    remedy: `look at the log of the speaker on ${node}, and restart it`,
  });
}

/** What is said of whoever the stack outputs name no way to. */
export function unreachable({ at, expected, source }: About): Verdict {
  return {
    ...{ status: "unknown", asked: "", found: "no access to it in the stack outputs" },
    ...{ at, expected, source },
    cause: "the stack has no access for it, or its outputs are older than the plan",
    remedy: "set the access of its COE or reflector (docs/configuration.md), then run: pulumi up",
  };
}
