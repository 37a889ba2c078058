import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { TestLab } from "../test/helpers/lab";
import { middle, seconds } from "./times";

const project = resolve(__dirname, "..");

/** Medians of all turns, seconds and ratios. */
export interface PreviewCost {
  readonly count: number;
  readonly median: {
    readonly ours: number;
    /** A stack of as many component resources, which needs no provider. */
    readonly engine: number;
    /** The same with the providers that the lab has, and no resource of theirs. */
    readonly providers: number;
    readonly ratio: number;
    /** Of the stack with providers to the one without. */
    readonly floor: number;
  };
}

/** A preview without changes of a lab, and of stacks of as many resources, in turns, so that what else the machine does slows all. */
export async function previewCost(lab: TestLab, turns: number): Promise<PreviewCost> {
  const exported = lab.must(
    await lab.pulumi(["stack", "export", "--stack", lab.stack], 60_000),
  ).stdout;
  const count: number = JSON.parse(exported).deployment.resources.length;
  const folder = await mkdtemp(join(tmpdir(), "seamless-bench-"));
  try {
    const engine = await stackIn(lab, join(folder, "engine"), componentsOf(count));
    const hosts = [lab.dockerHost, lab.dockerHost];
    const providers = await stackIn(
      lab,
      join(folder, "providers"),
      `${providersOf(hosts)}${componentsOf(count - 3 - hosts.length)}`,
    );
    const rows: { ours: number; engine: number; providers: number }[] = [];
    for (let turn = 0; turn < turns; turn++)
      rows.push({
        ours: await seconds(async () => lab.must(await lab.preview(["--expect-no-changes"]))),
        engine: await seconds(engine.preview),
        providers: await seconds(providers.preview),
      });
    for (const { forget } of [engine, providers]) await forget();
    return {
      count,
      median: {
        ours: middle(rows.map(({ ours }) => ours)),
        engine: middle(rows.map((row) => row.engine)),
        providers: middle(rows.map((row) => row.providers)),
        ratio: middle(rows.map((row) => row.ours / row.engine)),
        floor: middle(rows.map((row) => row.providers / row.engine)),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes a stack of a program of its own. */
async function stackIn(lab: TestLab, folder: string, program: string) {
  await mkdir(folder, { recursive: true });
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  const plugin = join(project, "components/dcos/provider/plugin");
  const plugins = `plugins:\n  providers:\n    - name: dcos\n      path: ${plugin}\n`;
  const head = `name: bench-${basename(folder)}\nruntime: nodejs\nmain: index.ts\n`;
  await writeFile(join(folder, "Pulumi.yaml"), `${head}${plugins}`);
  await writeFile(join(folder, "package.json"), '{"name": "bench", "type": "commonjs"}\n');
  await writeFile(
    join(folder, "index.ts"),
    `import { ComponentResource, ProviderResource } from "@pulumi/pulumi";\n${program}`,
  );
  const run = async (args: readonly string[]) =>
    lab.must(await lab.pulumi(["--cwd", folder, ...args], 120_000));
  const stack = ["--stack", "bench"];
  await run(["stack", "init", "bench"]);
  await run(["up", "--yes", "--skip-preview", ...stack]);
  return {
    preview: () => run(["preview", "--expect-no-changes", ...stack]),
    forget: () => run(["stack", "rm", "--yes", "--force", ...stack]),
  };
}

function componentsOf(count: number): string {
  return `for (let index = 0; index < ${count}; index++)
  new ComponentResource("bench:index:Nothing", \`nothing-\${index}\`, { index });
`;
}

/** What the lab has: one each of three packages, and one for each Docker daemon. */
function providersOf(dockerHosts: readonly string[]): string {
  const made = (name: string, of: string, inputs: object) =>
    `new ProviderResource("${of}", "${name}", ${JSON.stringify(inputs)});\n`;
  return [
    made("commands", "command", {}),
    ...dockerHosts.map((host, index) => made(`docker-${index}`, "docker", { host })),
    made("cluster", "kubernetes", {}),
    made("packages", "dcos", {}),
  ].join("");
}
