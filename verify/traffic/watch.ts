import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Workload } from "../../components/ask/types";
import { admits } from "../../plan/policy";
import type { Plan } from "../../plan/types";
import { withPort } from "../../util/net";
import { inScratch } from "../../util/scratch";
import { deployedCoes, pairs } from "../coes";
import type { StackOutputs } from "../outputs";
import { makeProbes, type ProbeKinds } from "../seen";
import type { Probes } from "../seen/each";
import { cover } from "../trips/cover";
import { counted, nothingSent, type PairTraffic, type Running, type Traffic } from "./count";

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
    const { running } = await runningProbes(outputs, probes);
    for (const [key, pair] of Object.entries(trafficPairs(outputs.plan, running)))
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

/** The probes that run, and the COEs that have said which. */
export async function runningProbes(outputs: StackOutputs, probes: Probes): Promise<Running> {
  const found = await Promise.all(
    outputs.probes.map(async (coe) => ({ coe, answer: await probes[coe]?.workloads() })),
  );
  return {
    running: found.flatMap(({ answer }) => (answer?.ok ? answer.value : [])),
    asked: found.flatMap(({ coe, answer }) => (answer?.ok ? [coe] : [])),
  };
}

/** How many containers of a COE, each on a node of its own, speak to another COE. */
const most = 3;

/** Some containers of each COE and as many of each other that lets it in, on different nodes as far as there are. */
export function trafficPairs(plan: Plan, running: readonly Workload[]): Traffic {
  const of = (coe: string) => running.filter((one) => one.coe === coe);
  return Object.fromEntries(
    pairs(deployedCoes(plan)).flatMap(([a, b]) => {
      if (!admits(b, a)) return [];
      const key = `${a.name}-to-${b.name}`;
      return cover(of(a.name), of(b.name))
        .slice(0, most)
        .map(([from, to], index) => [
          index === 0 ? key : `${key}/${index + 1}`,
          nothingSent(from, to),
        ]);
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
