/** A program on a host that is reached by SSH: its key is checked, and no secret is in an argument. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { SshShell } from "../../plan/access";
import { expandHome } from "../../util/docker-host";
import type { ExecResult } from "../../util/exec";
import { inScratch } from "../../util/scratch";
import { runProgram } from "./program";
import { sharedConnection } from "./ssh-shared";

/** ssh's own code for whatever keeps it from running the program (ssh(1), "EXIT STATUS"). */
export const sshFailed = 255;

export interface SshOptions {
  /** Standard input of the program there. Default: none. */
  readonly input?: string;
  /** Milliseconds. Default: 60000. */
  readonly timeoutMs?: number;
}

/** Only root may look at and change all of a host, so that any other user does it by sudo. Does not throw. */
export async function runBySsh(
  shell: SshShell,
  argv: readonly string[],
  { input, timeoutMs = 60_000 }: SshOptions = {},
): Promise<ExecResult> {
  const { username } = new URL(shell.target);
  const asRoot = username === "root" ? argv : ["sudo", "-n", "--", ...argv];
  const command = asRoot.map(quote).join(" ");
  const options = { timeoutMs, ...(input === undefined ? {} : { input }) };
  const run = (files: readonly string[]) => {
    const to = [...usual, ...files, shell.target];
    return letIn(async () => {
      const ssh = (more: readonly string[]) =>
        runProgram("ssh", [...more, ...to, "--", command], options);
      const shared = await sharedConnection(JSON.stringify(shell), to);
      return shared === undefined ? ssh([]) : shared(ssh);
    });
  };
  if (shell.key === undefined && shell.knownHosts === undefined) return run(filesOf(shell));
  return inScratch("ssh", async (folder) => run(await filesIn(folder, shell)));
}

/**
 * While ten have not logged in yet, an sshd drops who comes, by chance (sshd_config(5), MaxStartups). It does so before it
 * has said anything and nothing was run, so it is asked again. A jump host has all connections at once.
 */
const dropped = /^(kex|ssh)_exchange_identification: /m;
const againForMs = 10_000;

/** Each waits for another while, for those who were dropped together would come back together. */
async function letIn(run: () => Promise<ExecResult>): Promise<ExecResult> {
  const end = performance.now() + againForMs;
  for (;;) {
    const result = await run();
    const again = result.code === sshFailed && dropped.test(result.stderr);
    if (!again || performance.now() >= end) return result;
    await pause(200 + Math.random() * 800);
  }
}

/** Nobody is there who could be asked. */
const usual = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"] as const;

/** Where nothing is said of keys, ssh does what its own configuration says. */
function filesOf({ keyFile, knownHostsFile }: SshShell): string[] {
  return [
    ...(keyFile === undefined ? [] : identity(expandHome(keyFile))),
    ...(knownHostsFile === undefined ? [] : known(expandHome(knownHostsFile))),
  ];
}

async function filesIn(folder: string, shell: SshShell): Promise<string[]> {
  const { key, knownHosts } = shell;
  const [keyPath, knownPath] = [join(folder, "key"), join(folder, "known_hosts")];
  if (key !== undefined) await writeFile(keyPath, withNewline(key), { mode: 0o600 });
  if (knownHosts !== undefined) await writeFile(knownPath, withNewline(knownHosts.join("\n")));
  return [
    ...filesOf(shell),
    ...(key === undefined ? [] : identity(keyPath)),
    ...(knownHosts === undefined ? [] : known(knownPath)),
  ];
}

/** ssh takes no key whose last line has no end. */
function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function identity(path: string): string[] {
  return ["-i", path, "-o", "IdentitiesOnly=yes"];
}

function known(path: string): string[] {
  return [
    ...["-o", `UserKnownHostsFile=${path}`, "-o", "GlobalKnownHostsFile=/dev/null"],
    ...["-o", "StrictHostKeyChecking=yes", "-o", "UpdateHostKeys=no"],
  ];
}

/** Why a program was not run on a host, and what to do; undefined where it was, however it ended. */
export function sshComplaint(
  shell: SshShell,
  { code, stderr, failure }: ExecResult,
): string | undefined {
  const { username, hostname, port } = new URL(shell.target);
  const at = port === "" ? hostname : `${hostname} port ${port}`;
  if (failure !== undefined) return `${shell.target}: ${failure}`;
  const last = stderr.trim().split("\n").at(-1) ?? "";
  if (code !== sshFailed) {
    const refused = /^sudo: .*(password is required|may not run|not in the sudoers)/m.exec(stderr);
    return refused === null
      ? undefined
      : `user ${username} may not run it as root: ${refused[0]}; allow it in sudoers without a password (NOPASSWD), or name another ssh.user`;
  }
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr))
    return `${at} has another host key than known_hosts says: somebody else may answer there; look at the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and write it into ssh.knownHosts when it is right`;
  if (/Host key verification failed|No \S+ host key is known/.test(stderr))
    return `the host key of ${at} is not known; write it into ssh.knownHosts (ssh-keyscan prints it; compare it with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host)`;
  if (/Permission denied/.test(stderr))
    return `${at} does not let user ${username} in: ${last}; look at ssh.user and ssh.keyFile, and at authorized_keys on the host`;
  if (dropped.test(stderr))
    return `${at} ends connections before it says anything: ${last}; look at MaxStartups in its sshd_config, and for what keeps this machine out there, such as fail2ban`;
  return `${at} cannot be reached: ${last}; look whether it is up and runs sshd on port ${port || "22"}`;
}

/** ssh hands one string to the remote shell, so each argument is quoted for it (POSIX sh). */
export function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
