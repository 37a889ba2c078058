import { type ChildProcess, spawn } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join, relative } from "node:path";
import { messageOf } from "../../../util/errors";
import { describeFailure, exec } from "../../../util/exec";
import { waitFor } from "../../../util/wait";
import { sockets } from "./config";

const startMs = 10_000;
const pollMs = 50;
/** How long connections may go on after the end was asked for. */
const drainMs = 10_000;

/** Where Debian puts it, which is not on everybody's path. */
const program = "/usr/sbin/haproxy";

/**
 * A HAProxy with a master process: told to reload it starts a worker with the new configuration, which takes over
 * the ports, and lets the older ones finish what they are at (HAProxy: "Management Guide", master-worker mode).
 */
export class Haproxy {
  private child: ChildProcess | undefined;
  private readonly file: string;

  /**
   * @param dir working folder, in which its sockets and its configuration are
   * @param output what becomes of what it says
   */
  constructor(
    private readonly dir: string,
    private readonly onExit: (how: string) => void,
    private readonly output: "inherit" | "ignore" = "inherit",
  ) {
    this.file = join(dir, "haproxy.cfg");
  }

  /**
   * Starts it, or changes its configuration without closing a connection.
   * @throws Error when the configuration is not valid, or no worker comes up with it; the one before then goes on
   */
  async apply(text: string): Promise<void> {
    const next = `${this.file}.new`;
    writeFileSync(next, text, { mode: 0o600 });
    const argv = [program, "-c", "-f", next];
    const result = await exec(argv, { cwd: this.dir });
    if (result.code !== 0) throw new Error(describeFailure(argv, result));
    renameSync(next, this.file);
    const before = this.child === undefined ? undefined : await this.worker();
    if (this.child === undefined) this.child = this.spawn();
    else this.child.kill("SIGUSR2");
    await waitFor(
      { what: "a worker of HAProxy", timeoutMs: startMs, intervalMs: pollMs },
      async () => {
        const pid = await this.worker();
        return pid === undefined || pid === before
          ? { done: false, seen: pid === undefined ? "none answers" : "only the one of before" }
          : { done: true, value: undefined };
      },
    );
  }

  /** Ends it when its connections have ended, or after ten seconds. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill("SIGTERM"), drainMs);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill("SIGUSR1");
    });
  }

  /**
   * It has a group of its own, for a signal that ends this program's group would cut its connections; and it ends with
   * this program, however that ends.
   */
  private spawn(): ChildProcess {
    const argv = ["--pdeathsig", "TERM", program, "-W", "-f", this.file];
    const child = spawn("setpriv", argv, {
      cwd: this.dir,
      detached: true,
      stdio: ["ignore", this.output, this.output],
    });
    child.once("error", (error) => this.onExit(messageOf(error)));
    child.once("exit", (code, signal) => {
      if (this.child === child) this.onExit(signal ?? `exit code ${code}`);
    });
    return child;
  }

  /** The process that has the ports now. */
  private async worker(): Promise<number | undefined> {
    const info = await ask(near(join(this.dir, sockets.admin)), "show info");
    const pid = /^Pid: ([0-9]+)$/m.exec(info ?? "")?.[1];
    return pid === undefined ? undefined : Number(pid);
  }
}

/** Seen from here, since a socket's name must be short and a task's sandbox is deep down. */
export function near(path: string): string {
  return relative("", path);
}

/** The answer to a command at HAProxy's socket; undefined when nobody answers. */
function ask(path: string, command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(startMs, () => socket.destroy());
    socket.on("data", (data: string) => {
      text += data;
    });
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(text));
    socket.write(`${command}\n`);
  });
}
