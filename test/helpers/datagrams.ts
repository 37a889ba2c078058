import { type ChildProcess, spawn } from "node:child_process";
import { waitFor } from "../../util/wait";

/*
 * A stream of datagrams between two network namespaces. Each has a number, and its receiver sends it back.
 */
const port = 9;

const echo = `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (data, { port, address }) => socket.send(data, port, address));
socket.bind(${port}, process.argv[1]);
`;

/** What cannot be sent, for there is no route, is lost as well. */
const stream = `
const [from, to, every] = process.argv.slice(1);
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (data) => process.stdout.write("got " + data + "\\n"));
socket.on("error", () => undefined);
let number = 0;
socket.bind(0, from, () => setInterval(() => {
  number += 1;
  process.stdout.write("sent " + number + "\\n");
  socket.send(String(number), ${port}, to, () => undefined);
}, Number(every)));
`;

function inside(space: string, script: string, ...args: readonly string[]): ChildProcess {
  const argv = [`--net=/run/netns/${space}`, process.execPath, "-e", script, ...args];
  return spawn("nsenter", argv, { stdio: ["ignore", "pipe", "ignore"] });
}

/** One end of the stream: an address in a namespace. */
export interface StreamEnd {
  readonly space: string;
  readonly address: string;
}

/** Sends a datagram every 50 ms while something is done. @returns how many were sent, and of how many no answer came */
export async function streamed(
  from: StreamEnd,
  to: StreamEnd,
  act: () => Promise<unknown>,
): Promise<{ readonly sent: number; readonly lost: number }> {
  const server = inside(to.space, echo, to.address);
  const client = inside(from.space, stream, from.address, to.address, "50");
  const seen = { sent: new Set<number>(), got: new Set<number>() };
  let rest = "";
  client.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [word, number] = line.split(" ");
      (word === "got" ? seen.got : seen.sent).add(Number(number));
    }
  });
  const last = (numbers: ReadonlySet<number>) => Math.max(0, ...numbers);
  const answered = (after: number) =>
    waitFor({ what: "an answer", timeoutMs: 120_000, intervalMs: 50 }, async () =>
      last(seen.got) > after
        ? { done: true, value: undefined }
        : { done: false, seen: `${seen.sent.size} sent, none after ${after} answered` },
    );
  try {
    await answered(0);
    const first = Math.min(...seen.got);
    await act();
    // What is on its way is answered before one that is sent later.
    await answered(last(seen.sent));
    const end = last(seen.got);
    const sent = end - first + 1;
    return { sent, lost: sent - [...seen.got].filter((number) => number <= end).length };
  } finally {
    for (const child of [client, server]) child.kill("SIGKILL");
  }
}
