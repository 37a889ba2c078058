/** What is installed beside a program: its npm packages, and the plugins that they need. */
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const manifest = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  main: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  pulumi: z
    .object({
      resource: z.boolean().optional(),
      name: z.string().optional(),
      version: z.string().optional(),
      server: z.string().optional(),
    })
    .optional(),
});
export type Manifest = z.infer<typeof manifest>;

export interface PluginNeed {
  readonly name: string;
  /** With a leading v. */
  readonly version: string;
  readonly server: string | undefined;
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
}

/** The package.json of a folder; undefined when there is none, or none that can be read. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    return manifest.safeParse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).data;
  } catch {
    return undefined;
  }
}

function foldersIn(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .filter((name) => !name.startsWith("."))
    .sort();
}

/** The folders of this name from the program's outwards, as Node.js looks for packages. */
function moduleFolders(program: string): string[] {
  const outer = dirname(program);
  return [join(program, "node_modules"), ...(outer === program ? [] : moduleFolders(outer))];
}

/** The manifests of all packages that the program can load; of two with one name the nearer. */
export function installedManifests(program: string): Manifest[] {
  const found = new Map<string, Manifest>();
  for (const modules of moduleFolders(program)) {
    const names = foldersIn(modules).flatMap((name) =>
      name.startsWith("@")
        ? foldersIn(join(modules, name)).map((scoped) => `${name}/${scoped}`)
        : [name],
    );
    for (const name of names) {
      const read = found.has(name) ? undefined : readManifest(join(modules, name));
      if (read !== undefined) found.set(name, { ...read, name });
    }
  }
  return [...found.values()];
}

/** The provider plugins that the program's packages ask for in the `pulumi` field of their package.json. */
export function requiredPlugins(program: string): PluginNeed[] {
  return installedManifests(program).flatMap(({ name = "", version, pulumi }) => {
    if (pulumi?.resource !== true) return [];
    const wanted = pulumi.version ?? version ?? "";
    return [
      {
        name: pulumi.name ?? name.replace(/^@pulumi\//, ""),
        version: wanted === "" || wanted.startsWith("v") ? wanted : `v${wanted}`,
        server: pulumi.server,
      },
    ];
  });
}

/** The packages that the program names, or with `transitive` all that it can load. */
export function programDependencies(program: string, transitive: boolean): InstalledPackage[] {
  const installed = installedManifests(program).map(({ name = "", version = "" }) => ({
    name,
    version,
  }));
  if (transitive) return installed;
  const own = readManifest(program);
  const named = { ...own?.devDependencies, ...own?.dependencies };
  return installed.filter(({ name }) => name in named);
}
