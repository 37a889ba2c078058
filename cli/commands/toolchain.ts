import { existsSync } from "node:fs";
import { presenceOf } from "../../toolchain/build";
import { type Tool, type ToolGroup, tools } from "../../toolchain/catalogue";
import { choosePulumi } from "../../toolchain/choose";
import { standInPrograms } from "../../toolchain/home";
import { install } from "../../toolchain/install";
import { findProgram, labPrerequisites, testPrerequisites } from "../../toolchain/prerequisites";
import { sayOnStderr } from "../../toolchain/progress";
import { readMarker, toolDir } from "../../toolchain/store";
import { exitCode, SeamlessError } from "../../util/errors";
import { table } from "../../util/table";

export interface ToolchainFlags {
  readonly list?: boolean;
  readonly pulumiOnly?: boolean;
  readonly tests?: boolean;
}

/** `seamless toolchain`: exit code 0 all is there, 2 something has to be installed by hand, 4 a build failed. */
export async function run(programs: readonly string[], flags: ToolchainFlags): Promise<void> {
  if (flags.list) {
    process.stdout.write(`${await list(flags.pulumiOnly ?? false)}\n`);
    return;
  }
  const groups: readonly ToolGroup[] = flags.pulumiOnly ? ["pulumi"] : ["pulumi", "lab"];
  await install(
    programs.length === 0 ? { groups, tools: [] } : { groups: [], tools: programs.map(toolOf) },
    sayOnStderr,
    flags.tests ? testPrerequisites : [],
  );
}

/** The tool that a program is built with; it may be named itself, too. @throws SeamlessError when there is none */
export function toolOf(program: string): Tool {
  const tool = tools.find((one) => namesOf(one).includes(program));
  if (tool !== undefined) return tool;
  const known = [...new Set(tools.flatMap(namesOf))].sort();
  throw new SeamlessError(
    `toolchain ${program}: no such program; allowed: ${known.join(", ")}`,
    exitCode.usage,
  );
}

function namesOf(tool: Tool): string[] {
  return [tool.name, ...Object.values(tool.programs).flat()];
}

/** What is used, in which version, where it comes from, and whether it is there. */
async function list(pulumiOnly: boolean): Promise<string> {
  const choice = await choosePulumi();
  const built = tools.filter((tool) => !pulumiOnly || tool.group === "pulumi");
  const rows = await Promise.all(
    built.map(async (tool) => {
      if (tool.group === "pulumi" && choice.kind === "path")
        return [tool.name, "", `${choice.program} or its download`, choice.why];
      return [tool.name, tool.version, await origin(tool), await state(tool)];
    }),
  );
  if (choice.kind === "own") {
    for (const { name, version, main } of standInPrograms()) {
      rows.push([name, version, "this project", existsSync(main) ? "ready" : "npm run build"]);
    }
  }
  if (!pulumiOnly) {
    for (const { program, packages, why } of labPrerequisites) {
      const found = findProgram(program);
      rows.push([program, "", `Debian package ${packages.at(-1)}`, found ?? `missing: ${why}`]);
    }
  }
  const titles = ["TOOL", "VERSION", "FROM", "STATE"].map((title) => ({ title }));
  return table(titles, rows).join("\n");
}

async function origin(tool: Tool): Promise<string> {
  const from = (await readMarker(toolDir(tool)))?.from;
  if (from !== undefined) return "upstream's release";
  const first = tool.packages[0] ?? "";
  const module = tool.embeds?.module ?? first.replace(/\/(cmd|node)\/.*$/, "");
  return module.startsWith(".") ? "this project" : `Go module ${module}`;
}

async function state(tool: Tool): Promise<string> {
  return (await presenceOf(tool)) === "absent" ? "to be built" : "ready";
}
