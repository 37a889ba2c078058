import type { ChildProcess } from "node:child_process";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { waitFor } from "../../util/wait";

/** Packets that were sent while something happened. */
export interface Loss {
  readonly sent: number;
  readonly lost: number;
  /** The longest time without an answer, in seconds. */
  readonly gap: number;
}

/** Milliseconds between packets. */
const interval = 10;

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

/** Argument vectors for the two hosts: one sends a packet every 10 ms, the other sends each back. */
export function packetsBetween(own: string, far: string) {
  return {
    asking: [execPath, "-e", asking, own, far, String(interval)],
    answering: [execPath, "-e", answering, far],
  };
}

/** What a host asks and what comes back. */
export class Packets {
  sent = 0;
  private readonly back = new Set<number>();

  /** @param child runs what asks */
  constructor({ stdout }: ChildProcess) {
    if (stdout === null) throw new Error("no output of what sends packets");
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
  since(first: number): Loss {
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
