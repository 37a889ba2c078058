import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { buildTimeoutMs, ensureTool, type Outcome, presenceOf } from "./build";
import { type Tool, type ToolGroup, tools } from "./catalogue";
import { choosePulumi } from "./choose";
import { checkDisk, diskNeed, size } from "./disk";
import { clearGoCaches } from "./go";
import { ensureHome } from "./home";
import { takeLock } from "./lock";
import {
  buildPrerequisites,
  ensurePrerequisites,
  labPrerequisites,
  type Prerequisite,
} from "./prerequisites";
import { duration, elapsed, type Say } from "./progress";
import { connectMs, releaseOf, releaseSource } from "./releases";
import { storeDir } from "./store";

/** A tool that was made available, and how long it took. */
export interface Made {
  readonly name: string;
  readonly kind: "built" | "downloaded";
  readonly seconds: number;
}

/** What is asked for: whole groups, or single tools for those who have no lab. */
export interface Selection {
  readonly groups: readonly ToolGroup[];
  readonly tools: readonly Tool[];
}

/**
 * Makes everything available that is asked for; quick when it is.
 * @param more programs that are wanted on the machine besides.
 */
export async function install(
  { groups, tools: single }: Selection,
  say: Say,
  more: readonly Prerequisite[] = [],
): Promise<readonly Made[]> {
  const start = performance.now();
  const choice = groups.includes("pulumi") ? await choosePulumi() : undefined;
  const wanted = tools.filter(
    (tool) =>
      single.includes(tool) ||
      (groups.includes(tool.group) && !(tool.group === "pulumi" && choice?.kind === "path")),
  );
  const absent: Tool[] = [];
  const incomplete: Tool[] = [];
  for (const tool of wanted) {
    const presence = await presenceOf(tool);
    if (presence === "absent") absent.push(tool);
    if (presence === "incomplete") incomplete.push(tool);
  }
  await ensurePrerequisites(
    [
      ...(groups.includes("lab") ? labPrerequisites : []),
      ...more,
      ...(absent.length + incomplete.length > 0 ? buildPrerequisites : []),
    ],
    absent.some((tool) => releaseSource().kind === "off" || !hasRelease(tool)),
    say,
  );
  const made =
    absent.length + incomplete.length === 0 ? [] : await makeAll(absent, incomplete, say);
  if (choice?.kind === "own") await ensureHome();
  const pulumi =
    choice === undefined
      ? ""
      : choice.kind === "own"
        ? `, built pulumi is used (${choice.why})`
        : `, ${choice.program} ${choice.version} is used (${choice.why})`;
  const count = (kind: Made["kind"]) => made.filter((one) => one.kind === kind).length;
  const downloaded = count("downloaded") > 0 ? `${count("downloaded")} downloaded, ` : "";
  say(
    `${wanted.length} tools ready, ${downloaded}${count("built")} built, in ${elapsed(start)}${pulumi}`,
  );
  return made;
}

/** Makes all that is absent or incomplete, and clears what only making them needed. */
async function makeAll(
  absent: readonly Tool[],
  incomplete: readonly Tool[],
  say: Say,
): Promise<readonly Made[]> {
  // Two at once would clear the caches under each other's hands.
  const lock = await takeLock(join(storeDir(), "go.lock"), {
    what: "tools",
    timeoutMs: buildTimeoutMs,
    onWait: say,
  });
  try {
    for (const tool of incomplete) await ensureTool(tool, "", say);
    const made = await makeAbsent(absent, say);
    for (const { name, seconds, kind } of made) say(`  ${name}: ${kind} in ${duration(seconds)}`);
    await clearGoCaches();
    return made;
  } finally {
    await lock.release();
  }
}

/** Downloads releases while the tools without one are built, then builds what could not be downloaded. */
async function makeAbsent(absent: readonly Tool[], say: Say): Promise<Made[]> {
  const position = (tool: Tool) => `${absent.indexOf(tool) + 1}/${absent.length}`;
  const outcomes = new Map<Tool, Outcome>();
  const released = releaseSource().kind === "off" ? [] : absent.filter(hasRelease);
  if (released.length > 0)
    say(
      `to download: ${released.map(({ name }) => name).join(", ")}; SEAMLESS_RELEASES=off builds them`,
    );
  const downloads = Promise.all(
    released.map(async (tool) =>
      outcomes.set(tool, await ensureTool(tool, position(tool), say, "download")),
    ),
  );
  const toBuild = () =>
    absent.filter((tool) => !released.includes(tool) || outcomes.get(tool)?.kind === "absent");
  const build = (tools: readonly Tool[]) => buildAll(tools, position, outcomes, say);
  try {
    await soon(downloads);
    const first = toBuild();
    await build(first);
    await downloads;
    await build(toBuild().filter((tool) => !first.includes(tool)));
  } finally {
    await downloads;
  }
  return absent.flatMap((tool) => madeBy(tool, outcomes.get(tool)));
}

/** Waits until offline machines know that they are, so that all that is to be built is known before it begins. */
async function soon(work: Promise<unknown>): Promise<void> {
  const passed = new AbortController();
  const timer = setTimeout(connectMs + 1_000, undefined, { signal: passed.signal });
  await Promise.race([work, timer]).finally(() => passed.abort());
  await timer.catch(() => undefined);
}

const hasRelease = (tool: Tool) => releaseOf(tool).length > 0;

function madeBy({ name }: Tool, outcome: Outcome | undefined): Made[] {
  return outcome !== undefined && "seconds" in outcome ? [{ name, ...outcome }] : [];
}

async function buildAll(
  absent: readonly Tool[],
  position: (tool: Tool) => string,
  outcomes: Map<Tool, Outcome>,
  say: Say,
): Promise<void> {
  if (absent.length === 0) return;
  await ensurePrerequisites(buildPrerequisites, true, say);
  await checkDisk(absent);
  const seconds = absent.reduce((sum, tool) => sum + tool.cost.seconds, 0);
  const { goCacheMb, resultMb } = diskNeed(absent);
  say(
    `to build: ${absent.map((tool) => tool.name).join(", ")}; with empty Go caches this takes about ` +
      `${duration(seconds)} on two cores, ${size(goCacheMb)} of disk for Go's caches and ${size(resultMb)} for the programs`,
  );
  for (const tool of absent)
    outcomes.set(tool, await ensureTool(tool, position(tool), say, "build"));
}
