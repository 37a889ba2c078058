import { ensureTool, presenceOf } from "./build";
import { type Tool, type ToolGroup, tools } from "./catalogue";
import { choosePulumi } from "./choose";
import { checkDisk, diskNeed, size } from "./disk";
import { ensureHome } from "./home";
import {
  buildPrerequisites,
  ensurePrerequisites,
  labPrerequisites,
  type Prerequisite,
} from "./prerequisites";
import { duration, elapsed, type Say } from "./progress";

/** What an installation did. */
export interface Installed {
  /** Tools that were built, with seconds; empty when all was there. */
  readonly built: readonly { readonly name: string; readonly seconds: number }[];
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
): Promise<Installed> {
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
    absent.length > 0,
    say,
  );
  for (const tool of incomplete) await ensureTool(tool, "", say);
  const built = await buildAll(absent, say);
  if (choice?.kind === "own") await ensureHome();
  const pulumi =
    choice === undefined
      ? ""
      : choice.kind === "own"
        ? `, built pulumi is used (${choice.why})`
        : `, ${choice.program} ${choice.version} is used (${choice.why})`;
  say(`${wanted.length} tools ready, ${built.length} built, in ${elapsed(start)}${pulumi}`);
  return { built };
}

async function buildAll(absent: readonly Tool[], say: Say): Promise<Installed["built"]> {
  if (absent.length === 0) return [];
  await checkDisk(absent);
  const seconds = absent.reduce((sum, tool) => sum + tool.cost.seconds, 0);
  const { goCacheMb, resultMb } = diskNeed(absent);
  say(
    `to build: ${absent.map((tool) => tool.name).join(", ")}; with empty Go caches this takes about ` +
      `${duration(seconds)} on two cores, ${size(goCacheMb)} of disk for Go's caches and ${size(resultMb)} for the programs`,
  );
  const built: { name: string; seconds: number }[] = [];
  for (const [index, tool] of absent.entries()) {
    const outcome = await ensureTool(tool, `${index + 1}/${absent.length}`, say);
    if (outcome.kind === "built") built.push({ name: tool.name, seconds: outcome.seconds });
  }
  for (const { name, seconds } of built) say(`  ${name}: ${duration(seconds)}`);
  return built;
}
