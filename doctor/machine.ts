import { atLeast } from "../toolchain/prerequisites";
import type { Facts } from "./facts";
import type { Line, NeededProgram } from "./types";

/** What is needed of the machine. */
export interface Wants {
  readonly oldestNode: string;
  readonly programs: readonly NeededProgram[];
  /** The lab of the configuration; absent where it has none. */
  readonly lab?: {
    readonly namespace: string;
    /** By name. */
    readonly ports: Readonly<Record<string, number>>;
  };
  /** What building the absent tools takes. */
  readonly buildMb: number;
}

/** What the lab takes while it runs (docs/lab.md), and what its images and containers take on disk. */
const labMemoryMb = 3_500;
const labDiskMb = 4_000;

/** Judges what the machine has. Pure. */
export function machineLines(facts: Facts, wants: Wants): Line[] {
  return [
    nodeLine(facts, wants),
    pulumiLine(facts),
    ...wants.programs.map((one) => programLine(facts, one)),
    diskLine(facts, wants),
    ...(wants.lab === undefined ? [] : labLines(facts, wants.lab)),
  ];
}

function nodeLine({ node }: Facts, { oldestNode }: Wants): Line {
  const id = "machine/node";
  return atLeast(node, oldestNode)
    ? { id, level: "ok", found: `Node.js ${node}` }
    : {
        id,
        level: "fail",
        found: `Node.js ${node}`,
        advice: `install Node.js ${oldestNode} or later`,
      };
}

function pulumiLine({ pulumi, absentTools }: Facts): Line {
  const id = "machine/pulumi";
  if ("error" in pulumi)
    return { id, level: "fail", found: pulumi.error, advice: "do as the message says" };
  if (pulumi.kind === "path")
    return { id, level: "ok", found: `${pulumi.program} ${pulumi.version}: ${pulumi.why}` };
  return absentTools.includes("pulumi")
    ? {
        id,
        level: "fail",
        found: `${pulumi.why}, and none is built`,
        advice: "run: bin/seamless toolchain --pulumi-only",
      }
    : { id, level: "ok", found: `the built one: ${pulumi.why}` };
}

function programLine({ programs }: Facts, { program, why, advice }: NeededProgram): Line {
  const id = `machine/program/${program}`;
  const found = programs[program];
  if (found === undefined)
    return { id, level: "fail", found: `${program} is missing: ${why}`, advice };
  return {
    id,
    level: "ok",
    found: `${found.path} ${found.version ?? ""}`.trim(),
  };
}

function diskLine({ disk, absentTools, labs }: Facts, { buildMb, lab }: Wants): Line {
  const id = "machine/disk";
  const needed = buildMb + (lab === undefined || labs.length > 0 ? 0 : labDiskMb);
  const found = `${disk.freeMb} MB free at ${disk.path}`;
  if (disk.freeMb >= needed) return { id, level: "ok", found };
  const what = absentTools.length === 0 ? "the lab" : `the lab and ${absentTools.join(", ")}`;
  return {
    id,
    level: "fail",
    found: `${found}; needed for ${what}: ${needed} MB`,
    advice: "make room there, or set SEAMLESS_CACHE to a folder on another disk",
  };
}

function labLines(facts: Facts, lab: NonNullable<Wants["lab"]>): Line[] {
  const runs = facts.labs.includes(lab.namespace);
  const { filesystems, namespaces, release } = facts.kernel;
  const lacking = [
    ...(filesystems.includes("overlay") ? [] : ["overlay file systems"]),
    ...["net", "mnt", "pid"]
      .filter((one) => !namespaces.includes(one))
      .map((one) => `${one} namespaces`),
  ];
  return [
    facts.root
      ? { id: "machine/root", level: "ok", found: "runs as root" }
      : {
          id: "machine/root",
          level: "fail",
          found: "does not run as root",
          advice: "run the lab as root: it makes a network namespace and runs Docker in it",
        },
    lacking.length === 0
      ? { id: "machine/kernel", level: "ok", found: `Linux ${release}` }
      : {
          id: "machine/kernel",
          level: "fail",
          found: `Linux ${release} without ${lacking.join(", ")}`,
          advice: "load the modules, or boot a kernel that has them",
        },
    memoryLine(facts, runs),
    ...(facts.absentTools.length === 0
      ? []
      : [
          {
            id: "machine/tools",
            level: "warn" as const,
            found: `to be built: ${facts.absentTools.join(", ")}`,
            advice: "run: make toolchain",
          },
        ]),
    ...Object.entries(lab.ports).map(([name, port]): Line => {
      const id = `machine/port/${name}`;
      const taken = facts.takenPorts.includes(port);
      if (!taken) return { id, level: "ok", found: `port ${port} is free` };
      return runs
        ? { id, level: "ok", found: `port ${port} is taken; lab ${lab.namespace} runs` }
        : {
            id,
            level: "fail",
            found: `port ${port} is taken by another program`,
            advice: `end that program, or set another port: seamless:lab.ports.${name}`,
          };
    }),
  ];
}

function memoryLine({ memory }: Facts, runs: boolean): Line {
  const id = "machine/memory";
  const found = `${memory.availableMb} of ${memory.totalMb} MB available`;
  if (runs || memory.availableMb >= labMemoryMb) return { id, level: "ok", found };
  return {
    id,
    level: "warn",
    found: `${found}; the lab takes ${labMemoryMb} MB`,
    advice: "end other programs, or take a machine with more memory",
  };
}
