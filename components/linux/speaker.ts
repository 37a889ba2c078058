/** What speaks BGP on a host: how it is looked at, configured, asked, and taken away again. */
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import type { RemoteHost } from "../ask/host";
import type { Answer, ObjectFault } from "../ask/types";
import type { Passwords } from "../reflector/passwords";
import type { Finding } from "../speakers/calico/inspect/finding";
import type { HostInput } from "./input";
import type { HostSeen, SeenRoute } from "./look";
import type { Needed } from "./packages";

/** One for each speaker that hosts can have; the table is in speakers.ts. */
export interface HostSpeaker {
  /** What ids of findings begin with. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** The names of its programs in the list of processes that speak to others. */
  readonly daemons: readonly string[];
  /** The program that asks it: where that is, it is installed. */
  readonly program: Needed;
  /** Older ones will not do. */
  readonly oldest: readonly number[];
  /** Of the one that is there; undefined where none is. */
  version(seen: HostSeen): readonly number[] | undefined;
  /** Whose configuration it has, and what a finding says of one that is not ours. */
  file(seen: HostSeen): { readonly whose: Whose; readonly found: string };
  /** Whether a route of the kernel is one that it has made of our configuration. */
  made(route: SeenRoute, input: HostInput): boolean;
  /** @throws SeamlessError with what it has against its configuration; then it works as before */
  apply(host: RemoteHost, seen: HostSeen, input: HostInput, options: SpeakerOptions): Promise<void>;
  /** Takes away what we have written, and its routes. What was there before comes back. */
  remove(host: RemoteHost, seen: HostSeen, input: HostInput): Promise<void>;
  /** The name of its file, for people. */
  readonly conf: string;
  /** What is to be so that it can be asked, for people. */
  readonly answers: string;
  /** What it has otherwise than its file. @throws Error when it, or the host, cannot be asked */
  wrong(ask: AskHost, input: HostInput): Promise<readonly string[]>;
}

/** `idle`: one that does nothing, such as a package brings; `none`: there is no file. */
export type Whose = "ours" | "others" | "idle" | "none";

export interface SpeakerOptions {
  readonly passwords: Passwords;
  readonly say: (message: string) => void;
  /** Milliseconds until the daemon must have what its file says. Default: 20000. */
  readonly settleMs?: number;
}

/** Asks a host. @returns what a program has printed */
export type AskHost = (argv: readonly string[], input?: string) => Promise<Answer<string>>;

/** What a program has printed. @throws Error with what the host says */
export async function needed(answer: Promise<Answer<string>>): Promise<string> {
  const found = await answer;
  if (found.ok) return found.value;
  throw new Error(found.error);
}

/** What the speaker of a host works with otherwise than planned; that it does not answer is a fault, too. */
export async function speakerFaults(
  { title, conf, answers, wrong }: HostSpeaker,
  ask: AskHost,
  input: HostInput,
): Promise<ObjectFault[]> {
  const common = {
    effect: "sessions or routes of the plan are missing on this host",
    remedy: "run: pulumi up",
  };
  try {
    const object = `${conf} on ${input.name}`;
    return (await wrong(ask, input)).map((found) => ({
      ...{ group: "peers", object, found, ...common },
      expected: "as the plan has it",
    }));
  } catch (thrown) {
    const object = `${title} on ${input.name}`;
    return [{ group: "nodes", object, found: messageOf(thrown), expected: answers, ...common }];
  }
}

/** Waits until a daemon has what its file says. @param wrong what it has otherwise */
export async function settled(
  { name }: RemoteHost,
  title: string,
  timeoutMs: number,
  wrong: () => Promise<readonly string[]>,
): Promise<void> {
  const what = `${title} of ${name} to have what its file says`;
  await waitFor({ what, timeoutMs, intervalMs: 250 }, async () => {
    try {
      const found = await wrong();
      if (found.length === 0) return { done: true, value: undefined };
      return { done: false, seen: found.join("; ") };
    } catch (thrown) {
      // A host that is gone does not come back by asking again.
      if (thrown instanceof SeamlessError && thrown.code === exitCode.nothingToCheck) throw thrown;
      return { done: false, seen: messageOf(thrown) };
    }
  });
}

/** Whether we have written a file: what comments begin with is different from one daemon to the other. */
export function isOurs(file: string | undefined): boolean {
  return file !== undefined && /^[#!] Made by seamless\./.test(file);
}

/** Findings about the speaker that the plan has for a host, and about others that are there. */
export function* speakerFindings(
  own: HostSpeaker,
  others: readonly HostSpeaker[],
  seen: HostSeen,
  installer: string | undefined,
): Iterable<Finding> {
  yield* programFindings(own, seen, installer);
  const leaving = others.filter((one) => isThere(one, seen));
  const ours = [own, ...others].filter((one) => isThere(one, seen)).flatMap((one) => one.daemons);
  const mine = seen.listeners.some((name) => own.daemons.includes(name));
  const strangers = seen.listeners.filter(
    (name) => !own.daemons.includes(name) && !ours.includes(name),
  );
  if (strangers.length > 0)
    yield {
      id: "bgp/port",
      level: "blocks",
      found: `${[...new Set(strangers)].map((name) => name || "another program").join(", ")} listens at TCP port 179`,
      effect: `${own.title} could not listen there, and two speakers would write routes into one kernel`,
      advice: "stop it on this host, or leave the host out of the plan",
    };
  yield* fileFindings(own, seen, mine);
  for (const { title, name } of leaving)
    yield {
      id: `${name}/file`,
      level: "changes",
      found: `${title} with what an earlier update has written`,
      effect: `it is taken away, and ${own.title} comes in its place: the host is without sessions for some seconds`,
    };
  for (const name of daemonsOfBgp)
    if (seen.processes.includes(name) && !ours.includes(name))
      yield {
        id: `routes/${name}`,
        level: "blocks",
        found: `${name} runs`,
        effect: "two BGP speakers would write routes into one kernel",
        advice: "stop it on this host, or leave the host out of the plan",
      };
}

/** Whether a host has what we have written for a speaker. */
export function isThere(speaker: HostSpeaker, seen: HostSeen): boolean {
  return speaker.file(seen).whose === "ours";
}

/** BGP daemons, which take port 179 or the kernel's routes. BIRD may be there without a session. */
const daemonsOfBgp = ["bgpd", "gobgpd", "bird6", "openbgpd", "exabgp"];

function* programFindings(
  own: HostSpeaker,
  seen: HostSeen,
  installer: string | undefined,
): Iterable<Finding> {
  const { name, title, oldest } = own;
  const version = own.version(seen);
  if (version === undefined && installer === undefined)
    yield {
      id: "host/system",
      level: "blocks",
      found: `${seen.title}, with none of the tools for packages that are known here`,
      effect: `${title} cannot be installed`,
      advice: `install ${title} ${oldest[0]} there; it is taken as it is`,
    };
  else if (version === undefined)
    yield {
      id: `${name}/package`,
      level: "changes",
      found: `no ${title}`,
      effect: `${title} ${oldest[0]} is installed by ${installer}`,
    };
  else if (isOlder(version, oldest))
    yield {
      id: `${name}/version`,
      level: "blocks",
      found: `${title} ${version.join(".")}; needed: ${oldest.join(".")} or later`,
      effect: "it does not read the configuration that is written",
      advice: `install a newer ${title} there`,
    };
}

function* fileFindings(own: HostSpeaker, seen: HostSeen, listens: boolean): Iterable<Finding> {
  const { whose, found } = own.file(seen);
  if (whose === "none" || whose === "ours") return;
  const about = { id: `${own.name}/file`, found };
  if (whose === "others" || listens)
    yield {
      ...{ ...about, level: "blocks" },
      effect: "these sessions would go",
      advice: "remove them there, or leave the host out of the plan",
    };
  else
    yield {
      ...{ ...about, level: "changes" },
      effect: "it is replaced, and put back when the host leaves",
    };
}

export function isOlder(found: readonly number[], oldest: readonly number[]): boolean {
  for (const [index, number] of oldest.entries()) {
    const own = found[index] ?? 0;
    if (own !== number) return own < number;
  }
  return false;
}
