/** The stand-in's packages held to the Universe's: what they take, and what they render. */
import { z } from "zod";
import { checkOptions } from "../../../../components/dcos/api/options";
import { packageSpecs } from "../../../../components/dcos/packages";
import { parseConfig, readStackConfig } from "../../../../config";
import { makePlan } from "../../../../plan";
import type { Json, Release } from "../../../../standins/dcos/cosmos/package";
import { etcdReleases } from "../../../../standins/dcos/cosmos/packages/etcd";
import { marathonReleases } from "../../../../standins/dcos/cosmos/packages/marathon";
import { marathonLbReleases } from "../../../../standins/dcos/cosmos/packages/marathon-lb";
import { renderApp } from "../../../../standins/dcos/cosmos/render";
import { readFlags } from "../../../../standins/dcos/user/flags";
import { describeWithShared, sharedText } from "../../../helpers/shared";

const folder = ["dcos-conformance", "universe"];
const json = z.record(z.string(), z.unknown());

/** A release as the Universe has it, by `<first letter>/<name>/<number>`. */
function universe(path: string): Release {
  const file = (name: string) =>
    sharedText(...folder, "repo", "packages", ...path.split("/"), name);
  const { name, version } = z
    .looseObject({ name: z.string(), version: z.string() })
    .parse(JSON.parse(file("package.json")));
  return {
    packagingVersion: "4.0",
    name,
    version,
    releaseVersion: Number(path.split("/")[2]),
    maintainer: "",
    description: "",
    tags: [],
    config: json.parse(JSON.parse(file("config.json"))),
    resource: json.parse(JSON.parse(file("resource.json"))),
    template: file("marathon.json.mustache"),
  };
}

function ours(releases: readonly Release[], releaseVersion: number): Release {
  const found = releases.find((one) => one.releaseVersion === releaseVersion);
  if (found === undefined) throw new Error(`no release ${releaseVersion}`);
  return found;
}

const source = "<uri>";
function rendered(release: Release, options: Json): Json {
  const { labels, ...app } = renderApp({ release, source, options });
  const kept = Object.entries(json.parse(labels)).filter(
    ([name]) => name !== "DCOS_PACKAGE_DEFINITION",
  );
  return { ...app, labels: Object.fromEntries(kept) };
}

const { network, reflectors } = readStackConfig("Pulumi.lab.yaml");

/** The options that the configuration comes to for a package. */
function optionsOf(name: "etcd" | "marathon-user" | "marathon-lb", packages: object): Json {
  const agents = ["43", "44", "46"].map((last): [string, object] => [
    `agent-${last}`,
    { address: `172.16.18.${last}` },
  ]);
  const dcos = {
    kind: "dcos",
    podCidr: "192.168.128.0/17",
    policy: "open",
    access: { url: "https://dcos.example.com", etcd: ["http://10.0.0.1:2379"] },
    packages,
    nodes: {
      ...Object.fromEntries(agents),
      "public-1": { address: "172.16.18.45", role: "public" },
    },
  };
  const config = parseConfig({ network, reflectors, coes: { dcos } });
  const { dcos: coe } = makePlan(config).coes;
  const given = config.coes.dcos?.packages;
  const spec = coe === undefined || given === undefined ? {} : packageSpecs(coe, given);
  return spec[name]?.options ?? {};
}

const all = { etcd: {}, "marathon-user": {}, "marathon-lb": {} };
const secret = { "marathon-lb": { secret_name: "lb/sa" } };
const optionSets: readonly [string, Json][] = [
  ["E/etcd/2", optionsOf("etcd", all)],
  ["E/etcd/2", optionsOf("etcd", { etcd: { options: { node: { mem: 512, disk: 200 } } } })],
  ["M/marathon/301", optionsOf("marathon-user", all)],
  ["M/marathon/301", optionsOf("marathon-user", { "marathon-user": { publicAgents: true } })],
  ["M/marathon/28", optionsOf("marathon-user", all)],
  ["M/marathon-lb/45", optionsOf("marathon-lb", all)],
  ["M/marathon-lb/45", optionsOf("marathon-lb", { "marathon-lb": { group: "edge" } })],
  [
    "M/marathon-lb/45",
    optionsOf("marathon-lb", { "marathon-user": {}, "marathon-lb": { options: secret } }),
  ],
];

const own: Readonly<Record<string, Release>> = {
  "E/etcd/2": ours(etcdReleases, 2),
  "M/marathon/301": ours(marathonReleases, 301),
  "M/marathon/28": ours(marathonReleases, 28),
  "M/marathon-lb/45": ours(marathonLbReleases, 45),
};

/** Fields that the stand-in has in another form, since its images are programs of the host; each is compared below. */
const program: Readonly<Record<string, readonly string[]>> = {
  // The scheduler is an image there is none of; the Universe fetches its files and runs them by a shell.
  etcd: ["cmd", "args", "container", "uris", "env"],
  // A shell starts Marathon's own script with a hundred flags; here the image takes those that matter.
  marathon: ["cmd", "args", "env"],
  // Who answers for it is not the same.
  "marathon-lb": ["maintainer"],
};

describeWithShared(folder.join("/"), "the Universe", () => {
  const results = ["calico-3", "etcd-2", "marathon-28", "marathon-204", "marathon-301"].concat(
    "marathon-lb-35",
    "marathon-lb-45",
  );

  test.each(results)("Cosmos' rules: the template of %s renders as it does there", (file) => {
    const result = z
      .object({ package: z.string(), options: z.unknown(), rendered: json })
      .parse(JSON.parse(sharedText(...folder, "rendered", `${file}.json`)));
    const options = json.safeParse(result.options).data ?? {};
    const release = universe(result.package.replace("repo/packages/", ""));
    const { labels, ...app } = result.rendered;
    const { DCOS_PACKAGE_DEFINITION: _, DCOS_PACKAGE_OPTIONS: given, ...rest } = json.parse(labels);
    const found = rendered(release, options);
    const { DCOS_PACKAGE_OPTIONS: stored, ...foundLabels } = json.parse(found.labels);
    expect({ ...found, labels: foundLabels }).toEqual({ ...app, labels: rest });
    const decode = (text: unknown) => JSON.parse(Buffer.from(String(text), "base64").toString());
    expect(decode(stored)).toEqual(decode(given));
  });

  test.each(optionSets)("%s takes what the configuration comes to: %j", (path, options) => {
    expect(checkOptions(universe(path).config, options)).toMatchObject({ violations: [] });
    // An option that the schema does not know, or of another type, would not be taken.
    const wrong = Object.fromEntries(Object.keys(options).map((group) => [group, 1]));
    expect(checkOptions(universe(path).config, wrong).violations).not.toEqual([]);
  });

  test.each(optionSets)(
    "the stand-in's %s renders what the Universe's does: %j",
    (path, options) => {
      const release = own[path];
      if (release === undefined) throw new Error(`no ${path} in the stand-in`);
      const there = rendered(universe(path), options);
      const here = rendered(release, options);
      const skipped = program[release.name] ?? [];
      const compared = (app: Json) =>
        Object.fromEntries(Object.entries(app).filter(([name]) => !skipped.includes(name)));
      expect(compared(here)).toEqual(compared(there));
    },
  );

  test.each(optionSets.filter(([path]) => path.startsWith("M/marathon/")))(
    "the flags of %s are those that the Universe's script is given: %j",
    (path, options) => {
      const release = own[path];
      if (release === undefined) throw new Error(`no ${path} in the stand-in`);
      const command = z.string().parse(rendered(universe(path), options).cmd);
      const flags = new Map(
        [...command.matchAll(/--(\w+) +(?:"([^"]*)"|([^-\s]\S*))/g)].map(
          ([, name = "", quoted, plain]) => [name, quoted ?? plain ?? ""],
        ),
      );
      const args = z.array(z.string()).parse(rendered(release, options).args);
      expect(() => readFlags(args, { PORT0: "1", PORT1: "2" })).not.toThrow();
      const pairs = args.flatMap((arg, i): [string, string][] => {
        const next = args[i + 1];
        return arg.startsWith("--") && next !== undefined && !next.startsWith("--")
          ? [[arg.slice(2), next]]
          : [];
      });
      expect(pairs.length).toBeGreaterThan(5);
      for (const [name, value] of pairs) expect([name, flags.get(name)]).toEqual([name, value]);
    },
  );

  test.each(optionSets.filter(([path]) => path.startsWith("E/")))(
    "the environment of %s's scheduler is that of the Universe's: %j",
    (path, options) => {
      const release = own[path];
      if (release === undefined) throw new Error(`no ${path} in the stand-in`);
      const there = json.parse(rendered(universe(path), options).env);
      const here = json.parse(rendered(release, options).env);
      for (const [name, value] of Object.entries(here))
        expect([name, there[name]]).toEqual([name, value]);
    },
  );

  test.each(Object.entries(own))(
    "%s has the Universe's options, with their types, bounds and defaults",
    (path, release) => {
      const leaves = (schema: unknown, at: string): [string, Json][] => {
        const node = json.safeParse(schema).data ?? {};
        const properties = json.safeParse(node.properties).data;
        if (properties !== undefined)
          return Object.entries(properties).flatMap(([name, one]) => leaves(one, `${at}/${name}`));
        const facts = ["type", "default", "minimum", "maximum"];
        return [
          [
            at,
            Object.fromEntries(facts.flatMap((name) => (name in node ? [[name, node[name]]] : []))),
          ],
        ];
      };
      const there = new Map(leaves(universe(path).config, ""));
      for (const [name, facts] of leaves(release.config, ""))
        expect([name, there.get(name)]).toEqual([name, facts]);
    },
  );
});
