import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";

const program = resolve(__dirname, "..", "bin", "seamless");
const coes = 10;

/** What one command costs: seconds of CPU, and the most memory it had, in MB. */
export interface Cost {
  readonly cpu: number;
  readonly megabytes: number;
}

/** Commands that read a configuration and ask nobody. */
export const pureCommands: Readonly<Record<string, readonly string[]>> = {
  plan: ["plan"],
  "render gobgp": ["render", "gobgp"],
  "render calico": ["render", "calico"],
};

/** What each command costs for so many nodes in ten COEs. */
export async function costs(nodes: number): Promise<Record<string, Cost>> {
  const folder = mkdtempSync(join(tmpdir(), "seamless-bench-"));
  try {
    const file = join(folder, "Pulumi.bench.yaml");
    writeFileSync(file, configurationOf(nodes));
    const found: Record<string, Cost> = {};
    for (const [name, argv] of Object.entries(pureCommands))
      found[name] = await costOf([...argv, "--config", file], join(folder, "used"));
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two reflectors, and the nodes of ten COEs in one network. */
function configurationOf(nodes: number): string {
  const each = nodes / coes;
  const address = (index: number) => `172.16.${(index >> 8) + 1}.${index & 255}`;
  const lines = Array.from({ length: coes }, (_, coe) => [
    `    coe-${coe}:`,
    "      kind: kubernetes",
    `      podCidr: 10.${coe * 16}.0.0/12`,
    "      policy: open",
    "      access: { kubeconfig: ./kubeconfig }",
    "      nodes:",
    ...Array.from(
      { length: each },
      (_, node) => `        node-${coe}-${node}: { address: ${address(coe * each + node)} }`,
    ),
  ]);
  return [
    "config:",
    "  seamless:network: { supernet: 10.0.0.0/8, nodes: 172.16.0.0/16, asn: 64511 }",
    "  seamless:reflectors:",
    "    one: { kind: gobgp, address: 172.16.255.1 }",
    "    two: { kind: gobgp, address: 172.16.255.2 }",
    "  seamless:coes:",
    ...lines.flat(),
    "",
  ].join("\n");
}

const usage = z.object({
  userCPUTime: z.number(),
  systemCPUTime: z.number(),
  maxRSS: z.number(),
});

/** Node.js tells what it has used when it ends; what the command prints is read by nobody. */
async function costOf(argv: readonly string[], told: string): Promise<Cost> {
  const hook = `${told}.cjs`;
  writeFileSync(
    hook,
    `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.resourceUsage())));`,
  );
  const child = spawn(program, argv, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_OPTIONS: `--require ${hook}` },
  });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  if (code !== 0) throw new Error(`seamless ${argv.join(" ")}: exit code ${code}`);
  const { userCPUTime, systemCPUTime, maxRSS } = usage.parse(
    JSON.parse(readFileSync(told, "utf8")),
  );
  return { cpu: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 };
}
