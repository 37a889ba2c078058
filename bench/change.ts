import type { RouterDaemon } from "../components/reflector/contract";
import { gobgp } from "../components/reflector/gobgp";
import { reload } from "../components/reflector/reload";
import { exec, execOrThrow } from "../util/exec";
import { toolsBin } from "../util/paths";
import { waitFor } from "../util/wait";
import { daemonArgv, renderedFile } from "./daemons";
import { Fabric } from "./fabric";
import { seconds } from "./times";

const host = "rr";
const address = "172.30.0.2";

/** What a change of a running gobgpd takes, seconds. */
export interface ChangeRow {
  readonly change: string;
  readonly neighbours: number;
  /** As an update does it: judged by its parser, put in place, read back until it is as in the file. */
  readonly ours: number;
  /** The files written and the daemon told, until it has what the last one says. */
  readonly bare: number;
}

/** A gobgpd on a host of its own, which no neighbour answers. */
class Target {
  private readonly fabric = new Fabric();
  private readonly file = "rr.conf";
  private text = "";
  private pid: number | undefined;

  async up(text: string): Promise<void> {
    await this.fabric.up({ [host]: address });
    await this.write(text);
    this.pid = this.fabric.daemon(host, daemonArgv("gobgp", host, `/w/${this.file}`)).pid;
    await waitFor({ what: "gobgpd to answer", timeoutMs: 30_000 }, async () => {
      const said = await this.ask(["neighbor"]).catch((error: Error) => error.message);
      return said.startsWith("[")
        ? { done: true, value: undefined }
        : { done: false, seen: said.slice(0, 200) };
    });
  }

  down = () => this.fabric.down();

  async write(text: string): Promise<void> {
    this.fabric.file(this.file, text);
    this.text = text;
  }

  async hangUp(): Promise<void> {
    if (this.pid === undefined) throw new Error("no gobgpd");
    process.kill(this.pid, "SIGHUP");
  }

  async ask(args: readonly string[]): Promise<string> {
    const api = `unix://${this.fabric.outside(`/w/${host}.api`)}`;
    const argv = [`${toolsBin()}/gobgp`, "--target", api, "-j", ...args];
    return (await execOrThrow(argv)).stdout;
  }

  get daemon(): RouterDaemon {
    return {
      ...{ kind: gobgp, name: host },
      read: async () => this.text,
      check: async (text) => {
        const judged = this.fabric.outside(this.fabric.file("judged.conf", text));
        const [program = "", ...args] = gobgp.check.argv;
        // Standard input is a socket here, which nobody can open by its name.
        const argv = args.map((one) => (one === "/dev/stdin" ? judged : one));
        const result = await exec([`${toolsBin()}/${program}`, ...argv]);
        const complaint = gobgp.check.complaint(result);
        if (complaint !== undefined) throw new Error(complaint);
      },
      write: (text) => this.write(text),
      hangUp: () => this.hangUp(),
      restart: async () => {
        throw new Error("nothing here needs a restart");
      },
      ask: (args) => this.ask(args),
    };
  }
}

/** One step of a change made by hand: a file, and whether the daemon's neighbours are as it says. */
interface Step {
  readonly text: string;
  readonly done: (neighbours: string) => boolean;
}

async function byHand(target: Target, steps: readonly Step[]): Promise<void> {
  for (const { text, done } of steps) {
    await target.write(text);
    await target.hangUp();
    const wait = { what: "gobgpd to have its file", timeoutMs: 20_000, intervalMs: 20 };
    await waitFor(wait, async () => {
      const said = await target.ask(["neighbor"]);
      return done(said)
        ? { done: true, value: undefined }
        : { done: false, seen: "the neighbours of before" };
    });
  }
}

/** One neighbour added to so many, one taken away, and the key of one changed. @throws Error when gobgpd does not take it */
export async function changes(neighbours: number): Promise<ChangeRow[]> {
  const addresses = Object.fromEntries(
    Array.from({ length: neighbours }, (_, index) => [
      `n${index}`,
      `172.30.${1 + (index >> 7)}.${(index & 127) + 1}`,
    ]),
  );
  const all = renderedFile("gobgp", address, addresses);
  const { [`n${neighbours - 1}`]: last, ...others } = addresses;
  const less = renderedFile("gobgp", address, others);
  const keyed = all.replace(
    `neighbor-address = "${last}"\n`,
    (line) => `${line}auth-password = "another"\n`,
  );
  const there = (text: string) => text.includes(`"${last}"`);
  const cases: { change: string; from: string; to: string; steps: Step[] }[] = [
    { change: "one added", from: less, to: all, steps: [{ text: all, done: there }] },
    {
      change: "one taken away",
      from: all,
      to: less,
      steps: [{ text: less, done: (text) => !there(text) }],
    },
    {
      change: "one key changed",
      from: all,
      to: keyed,
      steps: [
        { text: less, done: (text) => !there(text) },
        { text: keyed, done: there },
      ],
    },
  ];
  const rows: ChangeRow[] = [];
  for (const { change, from, to, steps } of cases) {
    const times = { ours: 0, bare: 0 };
    for (const way of ["ours", "bare"] as const) {
      const target = new Target();
      try {
        await target.up(from);
        times[way] = await seconds(() =>
          way === "bare"
            ? byHand(target, steps)
            : reload(target.daemon, to, { say: () => undefined }),
        );
      } finally {
        await target.down();
      }
    }
    rows.push({ change, neighbours, ...times });
  }
  return rows;
}
