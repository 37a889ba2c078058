import type { ReflectorShell, Shell } from "../../plan/access";
import { dockerEnv } from "../../util/docker-host";
import { messageOf } from "../../util/errors";
import type { ExecResult } from "../../util/exec";
import { runProgram } from "./program";
import type { Answer } from "./types";

/** How long one question to one host may take, in milliseconds. */
const questionTimeoutMs = 15_000;

/** Finds the calico-node pod of a node: it shares the node's network, so what it sees is what the node sees. */
export type PodFinder = (node: string) => Promise<Answer<readonly string[]>>;

/**
 * Runs argv on a node by its shell; never through a shell on this machine.
 * @param viaCoe runs it where the shell is the COE itself
 * @param silence the exit code by which the program says that nothing came back
 */
export async function ask(
  shell: Shell,
  label: string,
  argv: readonly string[],
  viaCoe?: (argv: readonly string[]) => Promise<Answer<string>>,
  silence?: number,
): Promise<Answer<string>> {
  const asked = `${label}: ${argv.join(" ")}`;
  switch (shell.via) {
    case "docker":
      return inContainer(shell, asked, argv, silence);
    case "ssh":
      return bySsh(shell.target, asked, argv, silence);
    default:
      return viaCoe === undefined
        ? { ok: false, asked, error: "no access to the COE that reaches its nodes" }
        : viaCoe(argv);
  }
}

async function inContainer(
  shell: Extract<Shell, { via: "docker" }>,
  asked: string,
  argv: readonly string[],
  silence: number | undefined,
): Promise<Answer<string>> {
  let env: Record<string, string | undefined>;
  try {
    env = dockerEnv(shell);
  } catch (thrown) {
    return { ok: false, asked, error: messageOf(thrown) };
  }
  const args = ["exec", shell.container, ...argv];
  const options = { env, timeoutMs: questionTimeoutMs };
  return answer(asked, await runProgram("docker", args, options), silence);
}

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
  return ask(shell, label, [...client(shell.api), ...args]);
}

/** Only root sees every route and enters a container's namespace, so any other user does it by sudo. */
async function bySsh(
  target: string,
  asked: string,
  argv: readonly string[],
  silence: number | undefined,
): Promise<Answer<string>> {
  const { username } = new URL(target);
  const asRoot = username === "root" ? argv : ["sudo", "-n", "--", ...argv];
  const options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"];
  const result = await runProgram("ssh", [...options, target, "--", asRoot.map(quote).join(" ")], {
    timeoutMs: questionTimeoutMs,
  });
  if (result.code !== 0 && /^sudo: /m.test(result.stderr)) {
    const said = result.stderr.trim().split("\n").at(-1) ?? "";
    const error = `user ${username} may not run it as root: ${said}; allow it in sudoers without a password (NOPASSWD), or name another ssh.user`;
    return { ok: false, asked, error };
  }
  return answer(asked, result, silence);
}

/**
 * What a finished program said, as an answer.
 * @param silence the exit code by which it says that nothing came back
 */
export function answer(asked: string, result: ExecResult, silence?: number): Answer<string> {
  if (result.code === 0) return { ok: true, asked, value: result.stdout };
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").at(-1) ?? "";
  const why = result.failure ?? `exit code ${result.code}`;
  const error = said === "" ? why : `${why}: ${said}`;
  return { ok: false, asked, error, ...(result.code === silence ? { silent: true } : {}) };
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

/** ssh hands one string to the remote shell, so each argument is quoted for it (POSIX sh). */
function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
