import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { coeModels, routerModels } from "../../components/kinds/models";
import type { KindName } from "../../components/kinds/names";

const project = resolve(__dirname, "..", "..");

/** What names a kind of COE: itself, its packages and daemons. */
const ofKinds: Readonly<Record<KindName, RegExp>> = {
  dcos: /dcos|dc\/os|marathon|mesos|cosmos|haproxy|admin router|"master"/,
  hosts: /\bhosts COE\b|kind: hosts\b/,
  kubernetes: /kubernetes|kubectl|kubeconfig|kubelet|\bkube-|\bk8s|"(controller|worker)"/,
  nomad: /nomad/,
  swarm: /swarm|"(manager|worker)"/,
  openshift: /openshift|\bovn|"control-plane"/,
};

/** What names a kind of reflector, where its name alone does not do: FRR is on nodes, too, and external is a word like others. */
const ofRouters: Readonly<Record<string, readonly RegExp[]>> = {
  bird: [/\bbirdc?\b/],
  external: [],
  frr: [],
};

const oneOf = (all: readonly RegExp[]) =>
  new RegExp(all.map(({ source }) => source).join("|"), "gi");

const routerWords = Object.keys(routerModels).flatMap(
  (kind) => ofRouters[kind] ?? [new RegExp(kind)],
);

/** Comments count, and so do small and capital letters. */
const words = { kind: oneOf(Object.values(ofKinds)), router: oneOf(routerWords) } as const;

/** Folders that are of one kind, speaker or router each; the tables, which name them; and what measures the lab. */
const own: readonly RegExp[] = [
  new RegExp(`^components/(${[...Object.keys(coeModels), "kinds"].join("|")})/`),
  /^components\/speakers\/[a-z0-9-]+\//,
  // What the kinds share whose nodes are plain Linux hosts.
  /^components\/linux\//,
  // What the kinds share whose COEs are Kubernetes clusters.
  /^components\/cluster\//,
  new RegExp(`^components/reflector/(${Object.keys(routerModels).join("|")})/`),
  /^standins\//,
  /^(bench|test)\//,
];

/**
 * Where such words stay for now, by file or what files begin with, and the reason. The list must not grow, and what needs no
 * place in it any more has to go.
 */
const left: Readonly<Record<keyof typeof words, Readonly<Record<string, string>>>> = {
  kind: {
    "plan/access.ts": "stacks have the word in their outputs, as a way to a node",
    "toolchain/": "the programs that are built, downloaded or needed, each by its name",
  },
  router: {
    "components/reflector/kinds.ts": "the table of the kinds of reflectors",
    "toolchain/": "the programs that are built, downloaded or needed, each by its name",
    "verify/": "reads GoBGP's tables, until the kinds of routers read their own",
  },
};

const sources = execFileSync("git", ["ls-files", "*.ts"], { cwd: project, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && own.every((of) => !of.test(file)));

/** The files of nobody's own with such words, each with its words. */
function found(of: RegExp): Record<string, string[]> {
  const entries = sources.flatMap((file): [string, string[]][] => {
    const said = readFileSync(join(project, file), "utf8").match(of) ?? [];
    return said.length === 0 ? [] : [[file, [...new Set(said.map((word) => word.toLowerCase()))]]];
  });
  return Object.fromEntries(entries);
}

test.each(["kind", "router"] as const)("nobody else has the words of a %s", (what) => {
  expect(sources.length).toBeGreaterThan(150);
  const others = Object.entries(found(words[what])).filter(([file]) =>
    Object.keys(left[what]).every((start) => !file.startsWith(start)),
  );
  expect(Object.fromEntries(others)).toEqual({});
});

test.each(["kind", "router"] as const)(
  "who may have the words of a %s for now still has them",
  (what) => {
    const files = Object.keys(found(words[what]));
    expect(
      Object.keys(left[what]).filter((start) => !files.some((file) => file.startsWith(start))),
    ).toEqual([]);
  },
);
