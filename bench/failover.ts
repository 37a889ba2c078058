import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { waitFor } from "../util/wait";
import { asn, daemonArgv, renderedFile } from "./daemons";
import { Client, end, Fabric } from "./fabric";

/** What one failure cost the packets from a container to a container. */
export interface FailoverRow {
  readonly failure: string;
  readonly kind: string;
  readonly sent: number;
  readonly lost: number;
  /** The longest time without an answer, in seconds. */
  readonly gap: number;
}

const addresses = { c0: "172.30.1.1", c1: "172.30.1.2", c2: "172.30.1.3" };
const reflectors = { one: "172.30.0.2", two: "172.30.0.3" };
/** Milliseconds between packets. */
const interval = 10;

/** What is lost when one of two reflectors dies, when the only one is away for 30 s, and when a node's BGP starts again. */
export async function failovers(kind: string): Promise<FailoverRow[]> {
  const two = await during(kind, "one of two reflectors dies", ["one", "two"], async (lab) => {
    await lab.kill("one");
    await pause(10);
  });
  const only = await during(kind, "the only reflector is away for 30 s", ["one"], async (lab) => {
    await lab.kill("one");
    await pause(30);
    lab.startReflector("one");
    await pause(15);
  });
  return [two, only];
}

/** Time passes on purpose here: what is measured is what happens meanwhile. */
const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

interface FailoverLab {
  kill(reflector: keyof typeof reflectors): Promise<void>;
  startReflector(reflector: keyof typeof reflectors): void;
}

async function during(
  kind: string,
  failure: string,
  used: readonly (keyof typeof reflectors)[],
  fail: (lab: FailoverLab) => Promise<void>,
): Promise<FailoverRow> {
  const fabric = new Fabric();
  const running = new Map<string, ReturnType<Fabric["daemon"]>>();
  const lab: FailoverLab = {
    startReflector: (name) => {
      const file = fabric.file(`${name}.conf`, renderedFile(kind, reflectors[name], addresses));
      running.set(name, fabric.daemon(name, daemonArgv(kind, name, file)));
    },
    kill: async (name) => {
      const child = running.get(name);
      if (child !== undefined) await end(child);
    },
  };
  try {
    await fabric.up({ ...reflectors, ...addresses });
    for (const name of used) lab.startReflector(name);
    for (const [index, [host, address]] of Object.entries(addresses).entries()) {
      await fabric.batch(host, [`address add 10.${index + 1}.0.1/32 dev lo`]);
      const far = used.map((name) => reflectors[name]);
      const client = new Client(fabric, host, address, far, asn, [`10.${index + 1}.0.0/26`]);
      await client.established(used.length);
      await client.announce(true);
    }
    fabric.start(fabric.on("c1", [execPath, "-e", answering, "10.2.0.1"]));
    const probe = new Probe(
      fabric.start(
        fabric.on("c0", [execPath, "-e", asking, "10.1.0.1", "10.2.0.1", String(interval)]),
      ),
    );
    await probe.answered();
    const before = probe.sent;
    await fail(lab);
    return { failure, kind, ...probe.since(before) };
  } finally {
    await fabric.down();
  }
}

/** Answers every packet. */
const answering = `
const socket = require("dgram").createSocket("udp4");
socket.on("message", (said, from) => socket.send(said, from.port, from.address));
socket.bind(7, process.argv[1]);`;

/** Sends a number at every interval and prints it when it comes back; without a route there is nothing to send by. */
const asking = `
const [, own, far, interval] = process.argv;
const socket = require("dgram").createSocket("udp4");
socket.on("message", (said) => console.log("back", String(said)));
socket.on("error", () => undefined);
socket.bind(0, own, () => {
  let next = 0;
  setInterval(() => { console.log("sent", next); socket.send(String(next++), 7, far, () => undefined); }, Number(interval));
});`;

/** What a host asks and what comes back. */
class Probe {
  sent = 0;
  private readonly back = new Set<number>();

  constructor({ stdout }: ReturnType<Fabric["start"]>) {
    if (stdout === null) throw new Error("no output of the probe");
    createInterface({ input: stdout }).on("line", (line) => {
      const [what, number] = line.split(" ");
      if (what === "back") this.back.add(Number(number));
      else this.sent = Number(number);
    });
  }

  async answered(): Promise<void> {
    await waitFor({ what: "an answer across", timeoutMs: 60_000 }, async () =>
      this.back.size > 100
        ? { done: true, value: undefined }
        : { done: false, seen: `${this.back.size} answers` },
    );
  }

  /** The last of the packets are left out: they may be on their way. */
  since(first: number): Pick<FailoverRow, "sent" | "lost" | "gap"> {
    const asked = Array.from({ length: this.sent - 50 - first }, (_, at) => first + at);
    let [lost, run, longest] = [0, 0, 0];
    for (const number of asked) {
      run = this.back.has(number) ? 0 : run + 1;
      if (run > 0) lost++;
      longest = Math.max(longest, run);
    }
    return { sent: asked.length, lost, gap: (longest * interval) / 1000 };
  }
}
