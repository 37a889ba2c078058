import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { coeModels, routerModels } from "../../components/kinds/models";

const project = resolve(__dirname, "..", "..");
const areas = [
  "adopt",
  "bench",
  "cli",
  "components",
  "config",
  "doctor",
  "graph",
  "lab",
  "plan",
  "providers",
  "report",
  "standins",
  "toolchain",
  "util",
  "verify",
];

interface Import {
  readonly from: string;
  /** Path inside the project without its ending, or the name of a package. */
  readonly to: string;
}

const sources = [
  ...areas.flatMap((area) => walk(join(project, area))),
  ...["index.ts"].filter((file) => existsSync(join(project, file))),
];
const imports = sources.flatMap(importsOf);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : walk(path);
    return entry.name.endsWith(".ts") ? [relative(project, path).split(sep).join("/")] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(project, file), "utf8");
  const found = text.matchAll(/(?:\bfrom|\bimport\(|\brequire\(|^import)\s*"([^"]+)"/gm);
  return [...found].map(([, to = ""]) => ({
    from: file,
    to: to.startsWith(".")
      ? relative(project, resolve(project, dirname(file), to.replace(/\.js$/, "")))
          .split(sep)
          .join("/")
      : to,
  }));
}

/** A kind's pure side, its machines of the lab, its plugin, and the tables of kinds are areas of their own among the components. */
const parts: readonly (readonly [of: RegExp, area: string])[] = [
  [/^components\/[^/]+\/model(\/|\.ts|$)/, "a kind's model"],
  [/^components\/reflector\/[^/]+\/model(\.ts)?$/, "a kind's model"],
  // How its routers speak BGP is plain data.
  [/^components\/(reflector|speakers)\/[^/]+\/traits(\.ts)?$/, "a kind's model"],
  [/^components\/kinds\/(models|names|planning|traits)(\.ts)?$/, "models"],
  [/^components\/kinds(\/|$)/, "tables"],
  [/^components\/([^/]+|(reflector|speakers)\/[^/]+)\/lab(\/|$)/, "a kind's lab"],
  [/^components\/[^/]+\/provider(\/|$)/, "a kind's provider"],
];
/** The file that an import means, or the name of a package. */
function resolved(from: string, to: string): string {
  if (!to.startsWith(".")) return to;
  const path = relative(project, resolve(project, dirname(from), to.replace(/\.js$/, "")))
    .split(sep)
    .join("/");
  const file = [`${path}.ts`, `${path}/index.ts`].find((one) => existsSync(join(project, one)));
  return file ?? path;
}

const areaOf = (path: string) =>
  parts.find(([of]) => of.test(path))?.[1] ?? path.split("/")[0] ?? "";
const allAreas = [...areas, ...parts.map(([, area]) => area)];
const broken = (rule: (one: Import) => boolean) =>
  imports.filter(rule).map((one) => `${one.from} imports ${one.to}`);

/** What each area may import of the others. The program, index.ts, may import all but verify and cli. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  util: [],
  config: ["util"],
  plan: ["config", "util"],
  "a kind's model": ["config", "plan", "util"],
  models: ["a kind's model", "config", "plan", "util"],
  components: ["a kind's model", "config", "models", "plan", "util"],
  tables: ["a kind's lab", "components", "lab", "models"],
  adopt: ["components", "util"],
  doctor: ["components", "lab", "plan", "toolchain", "util", "verify"],
  graph: ["plan", "util"],
  report: ["graph", "plan", "util", "verify"],
  lab: ["plan", "util"],
  "a kind's lab": ["a kind's model", "components", "lab", "plan", "standins", "util"],
  "a kind's provider": ["components", "providers", "util"],
  standins: ["util"],
  verify: ["components", "models", "plan", "util"],
  providers: ["util"],
  toolchain: ["providers", "util"],
  "index.ts": ["components", "config", "lab", "models", "plan", "tables", "util"],
};

test("imports go from config to plan to components to the program, and never back", () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(
    broken(({ from, to }) => {
      const [own, other] = [areaOf(from), areaOf(to)];
      const may = allowed[own];
      return may !== undefined && allAreas.includes(other) && other !== own && !may.includes(other);
    }),
  ).toEqual([]);
});

test("lab and verify take nothing of the plan but its types and its model", () => {
  // What a block, a policy, a load balancer, a span of prefixes and an address of a family mean is part of the record, and so is how it was
  // written before.
  const types = [
    "plan/types",
    "plan/access",
    "plan/blocks",
    "plan/families",
    "plan/one-family",
    "plan/policy",
    "plan/propagation",
    "plan/services",
    "plan/spans",
    "plan/version1",
  ];
  expect(
    broken(
      ({ from, to }) =>
        ["lab", "verify"].includes(areaOf(from)) && areaOf(to) === "plan" && !types.includes(to),
    ),
  ).toEqual([]);
});

test("verification takes nothing of the components but how a system is asked", () => {
  expect(
    broken(
      ({ from, to }) =>
        areaOf(from) === "verify" &&
        areaOf(to) === "components" &&
        !/^components\/((ask|contract)\/|speakers\/contract$)/.test(to),
    ),
  ).toEqual([]);
});

test("configuration, plan and verification work without Pulumi", () => {
  expect(
    broken(
      ({ from, to }) =>
        ["a kind's model", "config", "graph", "plan", "verify", "util"].includes(areaOf(from)) &&
        to.startsWith("@pulumi/"),
    ),
  ).toEqual([]);
});

test("the clients of COEs' APIs, and what is below all providers, work without the rest", () => {
  expect(broken(({ from, to }) => from.includes("/api/") && to.startsWith("@pulumi/"))).toEqual([]);
  const ownBase = (path: string) => path.startsWith("providers/base/");
  expect(
    broken(
      ({ from, to }) =>
        ownBase(from) && areas.includes(areaOf(to)) && !ownBase(to) && areaOf(to) !== "util",
    ),
  ).toEqual([]);
  expect(
    broken(
      ({ from, to }) => areaOf(from) === "toolchain" && areaOf(to) === "providers" && !ownBase(to),
    ),
  ).toEqual([]);
});

test("a kind knows no other kind, and what is for all kinds knows none", () => {
  const folders = readdirSync(join(project, "components"), { withFileTypes: true });
  const general = ["ask", "cluster", "linux", "contract", "kinds", "reflector", "speakers"];
  const kinds = folders
    .filter((entry) => entry.isDirectory() && !general.includes(entry.name))
    .map(({ name }) => name);
  expect(kinds.sort()).toEqual(Object.keys(coeModels).sort());
  const kindOf = (path: string) => kinds.find((kind) => path.startsWith(`components/${kind}/`));
  expect(
    broken(({ from, to }) => {
      const other = kindOf(to);
      const outside = from.startsWith("components/kinds/") || areaOf(from) === "bench";
      return other !== undefined && other !== kindOf(from) && !outside;
    }),
  ).toEqual([]);
});

test("what the command line and verification load has nothing of Pulumi in it", () => {
  // What is imported for its types only is not loaded.
  const loads = new Map<string, string[]>();
  for (const file of sources) {
    const text = readFileSync(join(project, file), "utf8").replace(/import type [^;]*;/g, "");
    const found = text.matchAll(/(?:\bfrom|\bimport\(|\brequire\(|^import)\s*"([^"]+)"/gm);
    loads.set(
      file,
      [...found].map(([, to = ""]) => resolved(file, to)),
    );
  }
  const seen = new Map<string, string>();
  const visit = (file: string, by: string) => {
    if (seen.has(file)) return;
    seen.set(file, by);
    for (const to of loads.get(file) ?? []) visit(to, file);
  };
  visit("cli/main.ts", "");
  expect(seen.has("components/kinds/runtime.ts")).toBe(true);
  expect(
    [...seen].filter(([file]) => file.startsWith("@pulumi/")).map(([to, by]) => `${by}: ${to}`),
  ).toEqual([]);
});

test("every import of the project's own leads to a file", () => {
  const missing = ({ to }: Import) =>
    areas.includes(areaOf(to)) &&
    ![`${to}.ts`, `${to}/index.ts`, to].some((path) => existsSync(join(project, path)));
  expect(broken((one) => areaOf(one.from) !== "cli" && missing(one))).toEqual([]);
});

test("nobody asks what kind a COE or a reflector is but the kind's own folder", () => {
  const kinds = [...Object.keys(coeModels), ...Object.keys(routerModels)];
  const question = new RegExp(
    `\\bkind\\s*[!=]==?\\s*["'](${kinds.join("|")})["']|["'](${kinds.join("|")})["']\\s*[!=]==?\\s*[\\w.]*\\bkind\\b|\\bcase\\s+["'](${kinds.join("|")})["']`,
  );
  expect(
    sources.filter(
      (file) =>
        !file.split("/").some((part) => kinds.includes(part)) &&
        question.test(readFileSync(join(project, file), "utf8")),
    ),
    // It is about FRR at both ends of a session.
  ).toEqual(["components/speakers/model/link-local.ts"]);
});
