import { performance } from "node:perf_hooks";
import { waitFor } from "../util/wait";
import { asn, bareFile, daemonArgv, renderedFile } from "./daemons";
import { Client, Fabric, memoryOf, type RouteChange } from "./fabric";

const reflectorAddress = "172.30.0.2";
const blocksEach = 10;

/** One run of a reflector with so many clients, seconds and MB. */
export interface ReflectorRow {
  readonly kind: string;
  /** `rendered`: with everything of a plan; `bare`: sessions with clients and nothing else. */
  readonly file: "rendered" | "bare";
  readonly clients: number;
  /** From the first block announced to the last route in the last kernel. */
  readonly all: number;
  /** From one block announced to the kernels of all other clients: half of them, and 99 of 100. */
  readonly one: { readonly p50: number; readonly p99: number };
  readonly megabytesPerClient: number;
}

const addressOf = (index: number) => `172.30.${1 + (index >> 7)}.${(index & 127) + 1}`;
const hostOf = (index: number) => `c${index}`;
const blocksOf = (index: number) =>
  Array.from({ length: blocksEach }, (_, block) => `10.${index + 1}.${block}.0/26`);

/** @throws Error when routes do not arrive in two minutes */
export async function measure(
  kind: string,
  file: ReflectorRow["file"],
  clients: number,
): Promise<ReflectorRow> {
  const fabric = new Fabric();
  const indices = Array.from({ length: clients }, (_, index) => index);
  try {
    const addresses = Object.fromEntries(indices.map((index) => [hostOf(index), addressOf(index)]));
    await fabric.up({ rr: reflectorAddress, ...addresses });
    const text = { bare: bareFile, rendered: renderedFile }[file](
      kind,
      reflectorAddress,
      addresses,
    );
    const reflector = fabric.daemon("rr", daemonArgv(kind, "rr", fabric.file("rr.conf", text)));
    const nodes = indices.map(
      (index) =>
        new Client(
          fabric,
          hostOf(index),
          addressOf(index),
          [reflectorAddress],
          asn,
          blocksOf(index),
        ),
    );
    for (const node of nodes) await node.established(1);
    const seen = new Arrivals();
    await seen.watch(fabric, indices.map(hostOf));
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error("no clients");
    // One block counts, though it comes with the nine others of its client.
    const single = performance.now();
    await first.announce(true);
    await seen.until((clients - 1) * blocksEach);
    const late = seen.of(blocksOf(0)[0] ?? "").map((at) => (at - single) / 1000);
    const start = performance.now();
    await Promise.all(others.map((node) => node.announce(true)));
    await seen.until(clients * (clients - 1) * blocksEach);
    const all = (seen.last - start) / 1000;
    const megabytesPerClient = (await memoryOf(reflector)) / clients;
    const one = { p50: quantile(late, 0.5), p99: quantile(late, 0.99) };
    return { kind, file, clients, all, one, megabytesPerClient };
  } finally {
    await fabric.down();
  }
}

/** When which route has come into which kernel. */
class Arrivals {
  private readonly changes: RouteChange[] = [];
  private readonly there = new Set<string>();
  last = 0;

  async watch(fabric: Fabric, hosts: readonly string[]): Promise<void> {
    const watched = hosts.map((host, index) =>
      fabric.watch(host, (change) => {
        if (!change.added || !change.range.startsWith("10.")) return;
        if (blocksOf(index).includes(change.range)) return;
        this.changes.push(change);
        this.there.add(`${host} ${change.range}`);
        this.last = change.at;
      }),
    );
    await Promise.all(watched);
  }

  /** When a route came into each kernel, in order. */
  of(range: string): number[] {
    return this.changes.filter((one) => one.range === range).map(({ at }) => at);
  }

  async until(routes: number): Promise<void> {
    const what = `${routes} routes in the kernels`;
    await waitFor({ what, timeoutMs: 120_000, intervalMs: 20 }, async () =>
      this.there.size >= routes
        ? { done: true, value: undefined }
        : { done: false, seen: String(this.there.size) },
    );
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
