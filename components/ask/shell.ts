import { basename } from "node:path";
import type { ReflectorShell, Shell, SshShell } from "../../plan/access";
import { dockerEnv } from "../../util/docker-host";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import type { ExecResult } from "../../util/exec";
import { runProgram } from "./program";
import type { Asker } from "./router";
import { quote, runBySsh, sshFailed } from "./ssh";
import type { Answer } from "./types";

/** How long one question to one host may take, in milliseconds. */
const questionTimeoutMs = 15_000;

/** Finds the calico-node pod of a node: it shares the node's network, so what it sees is what the node sees. */
export type PodFinder = (node: string) => Promise<Answer<readonly string[]>>;

/**
 * Runs argv on a node by its shell; never through a shell on this machine.
 * @param viaCoe runs it where the shell is the COE itself
 * @param silence the exit code by which the program says that nothing came back
 * @param input its standard input. Default: none
 */
export async function ask(
  shell: Shell,
  label: string,
  argv: readonly string[],
  viaCoe?: (argv: readonly string[]) => Promise<Answer<string>>,
  silence?: number,
  input?: string,
): Promise<Answer<string>> {
  const asked = `${label}: ${argv.join(" ")}`;
  switch (shell.via) {
    case "docker":
      return inContainer(shell, asked, argv, silence, input);
    case "ssh":
      return bySsh(shell, asked, argv, silence, input);
    default:
      return viaCoe === undefined
        ? { ok: false, asked, error: "no access to the COE that reaches its nodes", unasked: true }
        : viaCoe(argv);
  }
}

async function inContainer(
  shell: Extract<Shell, { via: "docker" }>,
  asked: string,
  argv: readonly string[],
  silence: number | undefined,
  input: string | undefined,
): Promise<Answer<string>> {
  let env: Record<string, string | undefined>;
  try {
    env = dockerEnv(shell);
  } catch (thrown) {
    return { ok: false, asked, error: messageOf(thrown), unasked: true };
  }
  const interactive = input === undefined ? [] : ["--interactive"];
  const args = ["exec", ...interactive, shell.container, ...argv];
  const options = { env, timeoutMs: questionTimeoutMs, ...(input === undefined ? {} : { input }) };
  return answer(asked, await runProgram("docker", args, options), silence, ranInContainer);
}

/** What `docker exec` says of a container that is there and runs nothing: an answer, as opposed to a daemon that is away. */
const standsStill = /Error response from daemon: .*(No such container|is not running|is paused)/;

function ranInContainer({ code, stderr }: ExecResult): boolean {
  if (standsStill.test(stderr)) return true;
  return (
    !notRun.has(code) && !/^(Cannot connect|error during connect|Error response)/m.test(stderr)
  );
}

/** Exit codes of a program that cannot be run, is not there, or was killed (POSIX sh, "Exit Status for Commands"). */
export const notRun: ReadonlySet<number> = new Set([126, 127, 137]);

/** How much of what a program said is told, in characters. */
const longest = 300;

/**
 * Asks a reflector's daemon where it answers.
 * @param client the program that asks it there
 */
export function askRouter(
  client: (api: string | undefined) => readonly string[],
  shell: ReflectorShell,
  label: string,
  args: readonly string[],
): Promise<Answer<string>> {
  return askAt(client, shell, label, args);
}

/** What a reflector is asked as: its kind, or the program that answers for one that we do not run. */
export function askedAs(shell: ReflectorShell, kind: string | undefined): string | undefined {
  return shell.via === "command" ? shell.program : kind;
}

async function askAt(
  client: (api: string | undefined) => readonly string[],
  shell: ReflectorShell,
  label: string,
  args: readonly string[],
  input?: string,
): Promise<Answer<string>> {
  if (shell.via !== "command")
    return ask(shell, label, [...client(shell.api), ...args], undefined, undefined, input);
  const [program = "", ...given] = shell.argv;
  // What follows the host is for the shell there.
  const asked = basename(program) === "ssh" ? args.map(quote) : args;
  const result = await runProgram(program, [...given, ...asked], {
    timeoutMs: questionTimeoutMs,
    ...(input === undefined ? {} : { input }),
  });
  const question = `${label}: ${[...shell.argv, ...args].join(" ")}`;
  return answer(question, result, undefined, ({ code }) => code !== sshFailed && !notRun.has(code));
}

/** A question without an answer, where whoever asks goes on with answers alone. */
export class NoAnswer extends SeamlessError {
  constructor(readonly refusal: Extract<Answer<unknown>, { readonly ok: false }>) {
    super(refusal.error, exitCode.nothingToCheck);
  }
}

/** A reflector's daemon, whose answers are given to what reads them; a question that fails is an error. */
export function daemonAt(
  client: (api: string | undefined) => readonly string[],
  shell: ReflectorShell,
  label: string,
): Asker {
  return {
    ask: async (args, input) => {
      const answered = await askAt(client, shell, label, args, input);
      if (answered.ok) return answered.value;
      throw new NoAnswer(answered);
    },
  };
}

/** Only root sees every route and enters a container's namespace. */
async function bySsh(
  shell: SshShell,
  asked: string,
  argv: readonly string[],
  silence: number | undefined,
  input: string | undefined,
): Promise<Answer<string>> {
  const { username } = new URL(shell.target);
  const result = await runBySsh(shell, argv, {
    timeoutMs: questionTimeoutMs,
    ...(input === undefined ? {} : { input }),
  });
  if (result.code !== 0 && /^sudo: /m.test(result.stderr)) {
    const said = result.stderr.trim().split("\n").at(-1) ?? "";
    const error = `user ${username} may not run it as root: ${said}; allow it in sudoers without a password (NOPASSWD), or name another ssh.user`;
    return { ok: false, asked, error, unasked: true };
  }
  return answer(asked, result, silence, ({ code }) => code !== sshFailed && !notRun.has(code));
}

/**
 * What a finished program said, as an answer.
 * @param silence the exit code by which it says that nothing came back
 * @param ran whether an exit code is that of the program, as opposed to one of what should have run it
 */
export function answer(
  asked: string,
  result: ExecResult,
  silence?: number,
  ran: (result: ExecResult) => boolean = () => true,
): Answer<string> {
  if (result.code === 0) return { ok: true, asked, value: result.stdout };
  // Of a program that was ended, half of its data says nothing.
  const text = result.stderr.trim() || (result.failure === undefined ? result.stdout.trim() : "");
  const said = (text.split("\n").at(-1) ?? "").slice(0, longest);
  const why = result.failure ?? `exit code ${result.code}`;
  const error = said === "" ? why : `${why}: ${said}`;
  if (result.code === silence) return { ok: false, asked, error, silent: true };
  const unasked = result.failure !== undefined || !ran(result);
  return { ok: false, asked, error, ...(unasked ? { unasked } : {}) };
}

/** Applies a parser to an answer; text that does not parse is an answer that failed. */
export function parsed<T>(from: Answer<string>, parse: (text: string) => T): Answer<T> {
  if (!from.ok) return from;
  try {
    return { ok: true, asked: from.asked, value: parse(from.value) };
  } catch {
    const start = from.value.trim().slice(0, 120);
    return {
      ok: false,
      asked: from.asked,
      error: `unexpected answer: ${start === "" ? "(empty)" : start}`,
    };
  }
}
