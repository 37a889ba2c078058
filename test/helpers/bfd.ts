import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RouterNeighbour, SpeakerState } from "../../components/ask/router";
import { bird } from "../../components/reflector/bird";
import { askBirdNode, parseBirdNode } from "../../components/speakers/bird/read";
import type { Plan } from "../../plan/types";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { sessionChecks } from "../../verify/checks/session";
import { speakerChecks } from "../../verify/checks/speaker";
import type { Observation } from "../../verify/types";
import type { Roots } from "./bgp/roots";

/** A BIRD 2 on a host, which is a network namespace. */
export class Bird2 {
  private readonly folder: string;
  private child: ChildProcess | undefined;

  constructor(
    private readonly roots: Roots,
    host: string,
    private readonly space: string,
  ) {
    this.folder = join(roots.folder, host);
    mkdirSync(join(roots.newer, "run/bird"), { recursive: true });
    mkdirSync(this.folder);
    // The root has no shell: what is asked by a script asks this program of the machine.
    const quoted = this.inside(["/usr/sbin/birdcl"]).map((word) => `'${word}'`);
    const client = `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`;
    writeFileSync(join(this.folder, "birdcl"), client, { mode: 0o755 });
  }

  /** Its file, which it reads when it is started or told to. */
  get file(): string {
    return readFileSync(join(this.folder, "bird.conf"), "utf8");
  }

  set file(text: string) {
    writeFileSync(join(this.folder, "bird.conf"), text);
  }

  /** With `-R`, as a service that is restarted. */
  start(): void {
    const argv = ["/usr/sbin/bird", "-f", "-R", "-c", "/run/bird/bird.conf"];
    const [program = "", ...args] = this.inside(argv);
    this.child = spawn(program, args, { stdio: "ignore" });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async ask(args: readonly string[], input = ""): Promise<string> {
    return (await execOrThrow(this.inside(["/usr/sbin/birdcl", ...args]), { input })).stdout;
  }

  /** What it says of its neighbours as a reflector. */
  async neighbours(): Promise<RouterNeighbour[]> {
    const { args, more, parse } = bird.tables.neighbours;
    const text = await this.ask(args);
    const rest = await Promise.all((more?.(text, false) ?? []).map((one) => this.ask(one)));
    return parse([text, ...rest].join("\n"), Date.now() / 1000);
  }

  /** What it says of itself as a node. */
  async ownWord(): Promise<SpeakerState> {
    const env = { ...process.env, PATH: `${this.folder}:${process.env.PATH}` };
    return parseBirdNode((await execOrThrow(askBirdNode, { env })).stdout);
  }

  /** The daemon's own folder is where BIRD has its socket. */
  private inside(argv: readonly string[]): string[] {
    const bind =
      'mount --bind "$1" "$2/run/bird" && mount --bind /dev/null "$2/dev/null" && root=$2 && shift 2 && exec chroot "$root" "$@"';
    return [
      ...["nsenter", `--net=/run/netns/${this.space}`, "unshare", "--mount"],
      ...["sh", "-c", bind, "sh", this.folder, this.roots.newer, ...argv],
    ];
  }
}

/** Of which nothing is asked here. */
const nothing: Observation = {
  ...{ neighbours: {}, rib: {}, routes: {}, workloads: {}, fetches: {}, services: {} },
  ...{ serviceFetches: {}, nameFetches: {}, addons: {}, intrusions: {}, containers: {} },
  ...{ blocks: {}, members: {}, objects: {}, speakers: {}, accepts: {} },
};

/**
 * What verify says of sessions and of the nodes' own ends, in its own words.
 * @param neighbours by reflector @param speakers by id of a node
 */
export function verdictsOf(
  plan: Plan,
  neighbours: Readonly<Record<string, readonly RouterNeighbour[]>>,
  speakers: Readonly<Record<string, SpeakerState>>,
): Record<string, string> {
  const said = <T>(value: T) => ({ ok: true as const, asked: "asked", value });
  const each = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [key, said(value)]));
  const seen = { ...nothing, neighbours: each(neighbours), speakers: each(speakers) };
  return Object.fromEntries(
    [...sessionChecks(plan), ...speakerChecks(plan)].map(({ id, judge }) => {
      const { status, found } = judge(seen);
      return [id, `${status}: ${found}`];
    }),
  );
}

/** Waits until somebody says what is expected. */
export async function until<T>(what: string, look: () => Promise<T>, expected: T): Promise<void> {
  await waitFor({ what, timeoutMs: 120_000, intervalMs: 50 }, async () => {
    const seen = JSON.stringify(await look().catch((thrown) => String(thrown)));
    return seen === JSON.stringify(expected)
      ? { done: true, value: undefined }
      : { done: false, seen };
  });
}
