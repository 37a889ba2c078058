/** One connection to a host for all programs that this process runs there, by OpenSSH's control socket (ssh_config(5), ControlPath). */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import type { ExecResult } from "../../util/exec";
import { onInterrupt } from "../../util/interrupt";

/** Runs ssh with options that lead it over the connection. */
export type Shared = (
  run: (options: readonly string[]) => Promise<ExecResult>,
) => Promise<ExecResult>;

/** Hosts that keep a connection; each is a process of some MB here. More have a connection for each program. */
const most = 64;
/**
 * An sshd lets 10 run over a connection (sshd_config(5), MaxSessions). One holds it open, and it counts one for a moment
 * longer than ssh does.
 */
const sessions = 6;
const readyWithinMs = 10_000;

/** By what is known of a host: nothing yet, one program was run there, or the connection, where there can be one. */
const hosts = new Map<string, "one program" | Promise<Shared | undefined>>();
const masters = new Set<ChildProcess>();
let folder: string | undefined;
let paths = 0;

const ready = "seamless-ready";
/** What ssh says before it goes on by itself, where the host allows fewer programs over a connection. */
const noMore = /^mux_client_request_session: session request failed: .*\r?\n/m;

/**
 * The connection to a host, which the second program there opens: many processes run just one.
 * @param host all that the connection depends on
 * @param args of ssh, up to the host
 * @returns undefined for the first program, and where a connection cannot be shared
 */
export async function sharedConnection(
  host: string,
  args: readonly string[],
): Promise<Shared | undefined> {
  const known = hosts.get(host);
  if (known === undefined) {
    hosts.set(host, "one program");
    return undefined;
  }
  if (known !== "one program") return known;
  if (masters.size >= most) return undefined;
  const become = (state: "one program" | Promise<undefined>) => {
    if (hosts.get(host) === opened) hosts.set(host, state);
  };
  const opened = open(args, become);
  hosts.set(host, opened);
  return opened;
}

/** Ends all connections. A process that ends does so by itself. */
export function endSharedConnections(): void {
  for (const master of masters) master.kill();
  hosts.clear();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** Only this user may use its sockets. */
function socketPath(): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), "seamless-ssh-"));
    if (paths === 0) {
      process.once("exit", endSharedConnections);
      onInterrupt(endSharedConnections);
    }
  }
  paths += 1;
  return join(folder, String(paths));
}

/**
 * It ends with this process, however that ends: then the program there has no input any more.
 * @param become what is known of the host when the connection is lost, or lets in no more programs
 */
async function open(
  args: readonly string[],
  become: (state: "one program" | Promise<undefined>) => void,
): Promise<Shared | undefined> {
  const path = socketPath();
  const own = ["-o", "ControlMaster=yes", "-o", `ControlPath=${path}`, "-o", "ControlPersist=no"];
  const alive = ["-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"];
  const master = spawn("ssh", [...own, ...alive, ...args, "--", `echo ${ready} && exec cat`], {
    stdio: ["pipe", "pipe", "ignore"],
    // As exec has it: without this, a test's own PATH, which leads into the network of its hosts, is not this ssh's.
    env: { ...process.env },
    detached: true,
  });
  masters.add(master);
  for (const end of ["error", "exit"]) master.once(end, () => masters.delete(master));
  master.stdin.on("error", () => undefined);
  if (!(await saysReady(master))) {
    master.kill();
    return undefined;
  }
  master.once("exit", () => become("one program"));
  for (const pipe of [master.stdin, master.stdout]) if (pipe instanceof Socket) pipe.unref();
  master.unref();
  // The connection stays: programs may still run over it.
  return sharedBy(path, () => become(Promise.resolve(undefined)));
}

/** Whether the connection is there: ssh listens at its socket before it hands on what the program says. */
function saysReady(master: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (is: boolean) => {
      clearTimeout(timer);
      resolve(is);
    };
    const timer = setTimeout(settle, readyWithinMs, false);
    let said = "";
    master.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (said.split("\n").includes(ready)) settle(true);
    });
    for (const end of ["error", "exit"]) master.once(end, () => settle(false));
  });
}

/** @param refused is told that the host lets in no more programs over a connection */
function sharedBy(path: string, refused: () => void): Shared {
  const atATime = pLimit(sessions);
  const options = ["-o", "ControlMaster=no", "-o", `ControlPath=${path}`];
  return (run) =>
    atATime(async () => {
      const result = await run(options);
      if (!noMore.test(result.stderr)) return result;
      // ssh has made a connection of its own then. Where others run, one of the next may find a place.
      if (atATime.activeCount === 1) refused();
      return { ...result, stderr: result.stderr.replace(noMore, "") };
    });
}
