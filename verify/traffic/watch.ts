import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Workload } from "../../components/ask/types";
import { admits } from "../../plan/policy";
import { withPort } from "../../util/net";
import { inScratch } from "../../util/scratch";
import { deployedCoes, pairs } from "../coes";
import type { StackOutputs } from "../outputs";
import { makeProbes, type ProbeKinds } from "../seen";
import type { Probes } from "../seen/each";
import { counted, nothingSent, type PairTraffic, type Traffic } from "./count";

/** Longer than any update waits for anything. */
const longestMs = 3_600_000;

/** From one GET of a pair to the next. */
const everyMs = 500;

/** Sends GETs between the COEs' probes, and keeps the counts in a file, until another file says that it is enough. */
export async function watchTraffic(
  outputs: StackOutputs,
  kinds: ProbeKinds,
  file: string,
): Promise<void> {
  await inScratch("watch", async (scratch) => {
    const probes = await makeProbes(outputs.plan, outputs.access, kinds, scratch);
    const traffic = new Map<string, PairTraffic>();
    for (const [key, pair] of Object.entries(await firstPairs(outputs, probes)))
      traffic.set(key, pair);
    await keep(file, traffic);
    const end = performance.now() + longestMs;
    while (!existsSync(stopFile(file)) && performance.now() < end) {
      await Promise.all(
        [...traffic].map(async ([key, pair]) => {
          const url = `http://${withPort(pair.to.address, pair.to.port)}/`;
          const answer = await probes[pair.from.coe]?.fetch(pair.from, url);
          if (answer !== undefined) traffic.set(key, counted(pair, answer, Date.now()));
        }),
      );
      await keep(file, traffic);
      await pause(everyMs);
    }
    await keep(file, traffic, true);
  });
}

/** The probes that run, of all COEs. */
export async function runningProbes(outputs: StackOutputs, probes: Probes): Promise<Workload[]> {
  const found = await Promise.all(
    outputs.probes.map(async (coe) => (await probes[coe]?.workloads()) ?? { ok: false as const }),
  );
  return found.flatMap((answer) => (answer.ok ? answer.value : []));
}

/** One container of each COE and one of each other that lets it in. */
async function firstPairs(outputs: StackOutputs, probes: Probes): Promise<Traffic> {
  const running = await runningProbes(outputs, probes);
  const of = (coe: string) => running.find((one) => one.coe === coe);
  return Object.fromEntries(
    pairs(deployedCoes(outputs.plan)).flatMap(([a, b]) => {
      const [from, to] = [of(a.name), of(b.name)];
      return from === undefined || to === undefined || !admits(b, a)
        ? []
        : [[`${a.name}-to-${b.name}`, nothingSent(from, to)]];
    }),
  );
}

/** Who is there tells the one who counts to end. */
export function stopFile(file: string): string {
  return `${file}.stop`;
}

const workload = z.object({
  ...{ name: z.string(), coe: z.string(), node: z.string(), address: z.string() },
  port: z.number(),
});
const kept = z.object({
  ended: z.boolean(),
  traffic: z.record(
    z.string(),
    z.object({
      ...{ from: workload, to: workload, sent: z.number(), lost: z.number() },
      unasked: z.number(),
      between: z.tuple([z.number(), z.number()]).exactOptional(),
    }),
  ),
});

/** Whole at every moment: whoever reads it never sees half of it. */
async function keep(
  file: string,
  traffic: ReadonlyMap<string, PairTraffic>,
  ended = false,
): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, JSON.stringify({ ended, traffic: Object.fromEntries(traffic) }), {
    mode: 0o600,
  });
  await rename(next, file);
}

/** @throws Error where it is none of ours */
export function parseKept(text: string): { readonly ended: boolean; readonly traffic: Traffic } {
  return kept.parse(JSON.parse(text));
}
