/** The stand-in's packages held to the Universe's: what they take, and what they render. */

import { spawnSync } from "node:child_process";
import { z } from "zod";
import { checkOptions } from "../../../../components/dcos/api/options";
import { ownOf } from "../../../../components/dcos/model/config";
import { packageSpecs } from "../../../../components/dcos/packages";
import { makePlan, parseConfig, readStackConfig } from "../../../../components/kinds/planning";
import { packageFiles } from "../../../../standins/dcos/agent/artefacts";
import { sandboxFiles } from "../../../../standins/dcos/agent/image";
import type { Json, Release } from "../../../../standins/dcos/cosmos/package";
import { etcdReleases } from "../../../../standins/dcos/cosmos/packages/etcd";
import { marathonReleases } from "../../../../standins/dcos/cosmos/packages/marathon";
import { marathonLbReleases } from "../../../../standins/dcos/cosmos/packages/marathon-lb";
import { decodeEnvelope, renderApp } from "../../../../standins/dcos/cosmos/render";
import { readEtcdSettings } from "../../../../standins/dcos/etcd/settings";
import { parseApp } from "../../../../standins/dcos/master/parse-app";
import { showDefinition } from "../../../../standins/dcos/master/show";
import type { TaskSpec } from "../../../../standins/dcos/protocol";
import { readFlags } from "../../../../standins/dcos/user/flags";
import { coeOf } from "../../../helpers/coe";
import { describeWithShared, sharedText } from "../../../helpers/shared";

const folder = ["dcos-conformance", "universe"];
const json = z.record(z.string(), z.unknown());

/** A release as the Universe has it, by `<first letter>/<name>/<number>`. */
function universe(path: string): Release {
  const file = (name: string) =>
    sharedText(...folder, "repo", "packages", ...path.split("/"), name);
  const { name, version, packagingVersion } = z
    .looseObject({
      name: z.string(),
      version: z.string(),
      packagingVersion: z.enum(["2.0", "3.0", "4.0"]),
    })
    .parse(JSON.parse(file("package.json")));
  return {
    packagingVersion,
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
  const { DCOS_PACKAGE_DEFINITION: definition, ...kept } = json.parse(labels);
  // It holds the template and its texts, compressed; which package it is is compared.
  const { packagingVersion, name, version, releaseVersion } = json.parse(
    decodeEnvelope(definition),
  );
  return { ...app, labels: kept, definition: { packagingVersion, name, version, releaseVersion } };
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
  const { packages: given } = ownOf(coeOf(config, "dcos"));
  const spec = coe === undefined ? {} : packageSpecs(coe, given);
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

const emptySpec: TaskSpec = {
  id: "a",
  containerId: "a",
  appId: "/a",
  version: "",
  command: [],
  env: {},
  network: { mode: "host" },
  ports: [],
  healthChecks: [],
  killGraceSeconds: 1,
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
    const { definition: __, ...found } = rendered(release, options);
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
      expect(here).toEqual(there);
    },
  );

  test.each(optionSets.filter(([path]) => path.startsWith("M/marathon/")))(
    "the flags of %s are those that the Universe's script is given: %j",
    (path, options) => {
      const release = own[path];
      if (release === undefined) throw new Error(`no ${path} in the stand-in`);
      const command = z.string().parse(rendered(universe(path), options).cmd);
      // As the shell hands them on, with what the agent tells the task.
      const env = { LIBPROCESS_IP: "10.0.0.1", PORT0: "31001", PORT1: "31002", PATH: "" };
      const listed = command.replace("./bin/start", "printf '%s\\n'");
      const { stdout } = spawnSync("/bin/sh", ["-c", listed], { encoding: "utf8", env });
      const args = stdout.trimEnd().split("\n");
      expect(args.length).toBeGreaterThan(60);
      expect(readFlags(args, env)).toMatchObject({
        frameworkName: "marathon-user",
        hostname: "10.0.0.1",
        httpPort: 31_001,
        failoverTimeoutSeconds: 604_800,
      });
    },
  );

  test.each(optionSets.filter(([path]) => path.startsWith("E/")))(
    "the scheduler of %s takes the Universe's environment and command: %j",
    (path, options) => {
      const { cmd, env } = z
        .object({ cmd: z.string(), env: z.record(z.string(), z.string()) })
        .parse(rendered(universe(path), options));
      const [argument = ""] = cmd.split(" ").slice(-1);
      const settings = readEtcdSettings([argument], { ...env, PORT0: "31001" });
      expect(settings).toMatchObject({ name: env.FRAMEWORK_NAME, count: Number(env.NODE_COUNT) });
    },
  );

  test("an agent has a program for all that the Universe's apps fetch and start", () => {
    const files = packageFiles({
      "mesosphere/marathon": ["marathon"],
      "seamless/etcd-scheduler": ["scheduler"],
    });
    const starts = { "E/etcd/2": /\.\/(\S*operator) /, "M/marathon/301": /\.\/(bin\/start)/ };
    for (const [path, start] of Object.entries(starts)) {
      const { definition: _, ...raw } = rendered(universe(path), {});
      const app = parseApp(raw);
      if ("problems" in app) throw new Error(JSON.stringify(app.problems));
      const { cmd = "", container, fetch = [] } = app.app;
      const image = container?.docker?.image;
      const found = sandboxFiles(
        {
          ...emptySpec,
          ...(image === undefined ? {} : { image }),
          fetch: fetch.map(({ uri }) => uri),
        },
        files,
      );
      expect(Object.keys(found)).toContain(start.exec(cmd)?.[1]);
    }
  });

  test("Marathon shows etcd's scheduler as the real one does", () => {
    const { rendered: raw, marathonShows } = z
      .object({ rendered: json, marathonShows: json })
      .parse(JSON.parse(sharedText(...folder, "rendered", "etcd-2.json")));
    const parsed = parseApp(raw);
    if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
    const shown = showDefinition(parsed.app, "slave_public");
    // The port is one that Marathon has chosen.
    const { portDefinitions: _, acceptedResourceRoles: __, ...rest } = shown;
    expect(marathonShows).toMatchObject(JSON.parse(JSON.stringify(rest)));
    expect(rest).toHaveProperty("fetch", marathonShows.fetch);
  });

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
      const here = new Map(leaves(release.config, ""));
      expect(here).toEqual(there);
    },
  );
});
