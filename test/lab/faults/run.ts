import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { ExecResult } from "../../../util/exec";
import type { Explained, Fault } from "./fault";
import type { World } from "./world";

/** Runs `seamless` with arguments on the lab. */
export type Seamless = (args: readonly string[]) => Promise<ExecResult>;

/** One line of the table of the faults. */
export interface Row {
  readonly fault: string;
  readonly layer: string;
  readonly bite: string;
  /** The check that named it. */
  readonly named: string;
  /** The link at which `explain` sees the way broken. */
  readonly explained: string;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** What did not go as it has to, a line each. */
  readonly problems: readonly string[];
}

const result = z.object({
  id: z.string(),
  status: z.string(),
  found: z.string(),
  at: z.string().optional(),
});
type Result = z.infer<typeof result>;
const report = z.object({ results: z.array(result) });
const explanation = z.object({
  broken: z.object({ layer: z.string(), at: z.string(), says: z.string() }).optional(),
});

const biteMs = 15_000;
/** A session that was refused is tried again after a while. */
const mendMs = 60_000;

/** Plants some faults at once, has `seamless` find them, and mends them. */
export async function plantBatch(
  world: World,
  seamless: Seamless,
  batch: readonly Fault[],
): Promise<Outcome> {
  const problems: string[] = [];
  const each = <T>(work: (fault: Fault) => Promise<T>) =>
    Promise.all(
      batch.map((fault) =>
        work(fault).catch((thrown: Error) => {
          problems.push(`${fault.name}: ${thrown.message}`);
          return undefined;
        }),
      ),
    );
  await each((fault) => measured(world, fault, "healthy", biteMs));
  let results: Result[] = [];
  let links: (string | undefined)[] = [];
  try {
    await each((fault) => fault.plant(world));
    await each((fault) => measured(world, fault, "bitten", biteMs));
    const ways = each(async ({ explained }) => explained && explain(world, seamless, explained));
    results = judged(await seamless(["verify", "--json"]));
    links = await ways;
  } finally {
    await each((fault) => fault.mend(world));
  }
  await each((fault) => measured(world, fault, "healthy", mendMs));
  const failing = results.filter(({ status }) => status === "fail");
  const rows = batch.map((fault, index): Row => {
    const named = failing.filter((one) => names(fault, one)).map(({ id }) => id);
    if (named.length === 0) {
      const { checks, at } = fault.named;
      const said = results.filter((one) => hasToName(fault, one));
      const words = said.map(({ id, status, found }) => `${id}: ${status}: ${found}`);
      problems.push(
        `${fault.name}: no ${checks.join(", ")} at ${at} fails: ${words.join("; ") || "not judged"}`,
      );
    }
    const link = links[index];
    const wanted = fault.explained && `${fault.explained.link} of ${fault.explained.at}`;
    if (link !== wanted)
      problems.push(`${fault.name}: explained as ${link}, and it is the ${wanted}`);
    const { name, layer, bite } = fault;
    return { fault: name, layer, bite: bite.by, named: named.join(", "), explained: link ?? "" };
  });
  // What the reflector tells all nodes, or no longer tells them, is in all their kernels.
  const routed = batch.some(({ layer }) =>
    ["acceptance", "ipam", "objects", "rib", "session"].includes(layer),
  );
  const spread = (id: string) => routed && /^(fib|kernel)\//.test(id);
  const accused = batch.flatMap((fault) => [fault.named.at, ...fault.uses]);
  for (const { id, at = "nobody", found } of failing) {
    if (!at.split(" -> ").some((one) => accused.some((node) => isOf(one, node))) && !spread(id))
      problems.push(`${id} accuses ${at}, where nothing was planted: ${found}`);
  }
  return { rows, problems };
}

/** Whether what a check accuses is what a fault was planted at, or the COE of that. */
function isOf(accused: string, planted: string): boolean {
  return accused.includes(planted) || planted.startsWith(`${accused}/`);
}

/** Whether a check is one of those of which one has to name a fault. */
function hasToName({ named }: Fault, { id }: Result): boolean {
  return named.checks.some((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(id));
}

function names(fault: Fault, result: Result): boolean {
  const { at, found } = fault.named;
  return (
    hasToName(fault, result) &&
    result.at?.includes(at) === true &&
    (found?.test(result.found) ?? true)
  );
}

/** @throws Error unless it is measured in time */
async function measured(
  world: World,
  { bite }: Fault,
  state: "healthy" | "bitten",
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await bite.measure(world);
    if (bite[state].test(seen)) return;
    if (performance.now() > end)
      throw new Error(`not ${state} by ${bite.by}: ${seen.slice(0, 200)}`);
    await pause(250);
  }
}

function judged({ stdout, stderr }: ExecResult): Result[] {
  if (stdout === "") throw new Error(`verify said nothing: ${stderr}`);
  return report.parse(JSON.parse(stdout)).results;
}

async function explain(
  world: World,
  seamless: Seamless,
  { from, to, asked }: Explained,
): Promise<string | undefined> {
  const ends = [await world.container(from), asked ?? (await world.container(to))];
  const { stdout, stderr } = await seamless(["explain", ...ends, "--json"]);
  if (stdout === "") throw new Error(`explain said nothing: ${stderr}`);
  const { broken } = explanation.parse(JSON.parse(stdout));
  return broken && `${broken.layer} of ${broken.at}`;
}
