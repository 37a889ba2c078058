import { execPath } from "node:process";
import { waitFor } from "../util/wait";
import { asn, daemonArgv, renderedFile } from "./daemons";
import { Client, Fabric } from "./fabric";

const reflector = "172.30.0.2";
const addresses = { c0: "172.30.1.1", c1: "172.30.1.2" };
const seconds = 1;

/** Gbit/s from container to container in turns: by routes that came over BGP, and by the same routes written by hand. */
export interface StreamRow {
  readonly bgp: number;
  readonly byHand: number;
}

/** @param turns how often each is measured */
export async function streams(turns: number): Promise<StreamRow[]> {
  const fabric = new Fabric();
  try {
    await fabric.up({ rr: reflector, ...addresses });
    const file = fabric.file("rr.conf", renderedFile("gobgp", reflector, addresses));
    fabric.daemon("rr", daemonArgv("gobgp", "rr", file));
    const hosts = Object.entries(addresses);
    for (const [index, [host, address]] of hosts.entries()) {
      // The second container is at addresses that nobody announces.
      await fabric.batch(host, [
        `address add 10.${index + 1}.0.1/32 dev lo`,
        `address add 10.${index + 101}.0.1/32 dev lo`,
      ]);
      const client = new Client(fabric, host, address, [reflector], asn, [
        `10.${index + 1}.0.0/26`,
      ]);
      await client.established(1);
      await client.announce(true);
    }
    await fabric.batch("c0", [`route add 10.102.0.0/26 via ${addresses.c1}`]);
    await fabric.batch("c1", [`route add 10.101.0.0/26 via ${addresses.c0}`]);
    fabric.start(fabric.on("c1", [execPath, "-e", sink]));
    const bgp = () => streamOnce(fabric, "10.1.0.1", "10.2.0.1");
    const byHand = () => streamOnce(fabric, "10.101.0.1", "10.102.0.1");
    // The first stream of a network finds nothing in its caches.
    await bgp();
    await byHand();
    const rows: StreamRow[] = [];
    for (let turn = 0; turn < turns; turn++) {
      // Neither is always the first: the machine may be getting slower or faster.
      const bgpFirst = turn % 2 === 0;
      const early = bgpFirst ? await bgp() : await byHand();
      const late = bgpFirst ? await byHand() : await bgp();
      rows.push(bgpFirst ? { bgp: early, byHand: late } : { bgp: late, byHand: early });
    }
    return rows;
  } finally {
    await fabric.down();
  }
}

async function streamOnce(fabric: Fabric, own: string, far: string): Promise<number> {
  return waitFor({ what: `a stream from ${own} to ${far}`, timeoutMs: 60_000 }, async () => {
    const child = fabric.start(
      fabric.on("c0", [execPath, "-e", source, own, far, String(seconds)]),
    );
    let said = "";
    child.stdout?.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
    await new Promise((done) => child.on("close", done));
    const bytes = Number(said);
    return bytes > 0
      ? { done: true, value: (bytes * 8) / seconds / 1e9 }
      : { done: false, seen: said };
  });
}

/** Takes whatever comes. */
const sink = `require("net").createServer((socket) => socket.resume()).listen(9);`;

/** Sends as fast as it can for so many seconds, and prints how many bytes the other end has taken. */
const source = `
const [, own, far, seconds] = process.argv;
const socket = require("net").connect({ host: far, port: 9, localAddress: own });
const piece = Buffer.alloc(1 << 20);
socket.on("error", () => process.exit(0));
socket.on("connect", () => {
  const send = () => { while (socket.write(piece)); };
  socket.on("drain", send);
  send();
  setTimeout(() => { console.log(socket.bytesWritten - socket.writableLength); process.exit(0); }, seconds * 1000);
});`;
