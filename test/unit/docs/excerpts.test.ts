import { readFileSync } from "node:fs";
import { Document, isMap, parse, parseDocument } from "yaml";
import { z } from "zod";
import { assignIn, makePlan, parseStackConfig } from "../../../components/kinds/planning";
import type { ReadNodes } from "../../../config";
import { type Block, blocksOf, documents } from "../../helpers/markdown";

const keyed = z.record(z.string(), z.unknown());
type Keyed = z.infer<typeof keyed>;

/** Where the excerpts of a configuration are shorter than a file, the rest is this. */
const rest = { asn: 64511, nodes: "172.16.18.0/24" };

/** What clusters answer to `nodes: fromCluster`, by the kind, or by the speaker where that matters more. */
const readNodes: ReadNodes = (_name, kind) => {
  const role = kind === "openshift" ? "control-plane" : "controller";
  const range = (at: number) =>
    kind === "openshift" ? `10.128.${2 * at}.0/23` : `10.244.${at}.0/24`;
  return {
    "control-1": { address: "10.1.0.11", role, podCidr: range(0) },
    "worker-1": { address: "10.1.0.21", role: "worker", podCidr: range(1) },
  };
};

/** Whether a block has settings of Seamless: not objects of Kubernetes, nor a stack of Docker. */
function isOfOthers({ text }: Block): boolean {
  const top = keyed.safeParse(parse(text.split(/^---$/m)[0] ?? "")).data ?? {};
  return "apiVersion" in top || "services" in top;
}

/**
 * The text of a stack's file in which an excerpt is. `<!-- excerpt: COE -->` before a block says that it has fields of that
 * COE in the first configuration of the page; `<!-- excerpt: FILE: COE -->`, of another page, or in a stack's file. `COE.FIELD` is
 * deeper in it, and `network` stands for the network.
 */
function whole(file: string, block: Block): string {
  if (block.excerpt === undefined) return completed(parse(block.text));
  const [, from = file, path = ""] = /^(?:(\S+): )?([\w.-]+)$/.exec(block.excerpt) ?? [];
  const document = parseDocument(
    from.endsWith(".yaml") ? readFileSync(from, "utf8") : firstOf(from),
  );
  const [coe = "", ...deeper] = path.split(".");
  const section = coe === "network" ? ["seamless:network"] : ["seamless:coes", coe];
  const at = ["config", ...section, ...deeper];
  if (!isMap(document.getIn(at))) throw new Error(`${from}: no map at ${path}`);
  for (const [key, value] of Object.entries(keyed.parse(parse(block.text))))
    document.setIn([...at, key], value);
  return document.toString();
}

/** The first configuration of a page. */
function firstOf(page: string): string {
  const [first] = blocksOf(page).filter((one) => one.excerpt === undefined && isStack(one));
  if (first === undefined) throw new Error(`${page}: no configuration`);
  return completed(parse(first.text));
}

const isStack = ({ language, text }: Block) => language === "yaml" && /^ *seamless:\w/m.test(text);

/** A configuration with what is missing for a whole file. */
function completed(excerpt: unknown): string {
  const given = keyed.parse(excerpt);
  const config = keyed.parse(given.config ?? given);
  const coes = keyed.parse(config["seamless:coes"] ?? {});
  const network = keyed.parse(config["seamless:network"] ?? {});
  const nodes = network.nodes ?? nodesNetwork(coes) ?? rest.nodes;
  const made = {
    ...config,
    "seamless:network": { ...rest, ...network, nodes },
    "seamless:reflectors": config["seamless:reflectors"] ?? {
      "rr-1": { kind: "gobgp", address: addressIn(nodes, 250) },
    },
    "seamless:coes": { ...others(coes, nodes), ...coes },
  };
  return new Document({ config: made }).toString();
}

/** The /24 of the nodes. */
function nodesNetwork(coes: Keyed): string | undefined {
  const [address] = JSON.stringify(coes).match(/(?<="address":")\d+\.\d+\.\d+(?=\.\d+")/) ?? [];
  return address === undefined && JSON.stringify(coes).includes("fromCluster")
    ? "10.1.0.0/24"
    : address && `${address}.0/24`;
}

/** COEs that are let in and not shown; one, where an excerpt has none at all. */
function others(coes: Keyed, nodes: unknown): Keyed {
  const named = Object.values(coes).flatMap(
    (coe) => z.looseObject({ allowFrom: z.array(z.string()).default([]) }).parse(coe).allowFrom,
  );
  const names = Object.keys(coes).length === 0 ? ["kubernetes"] : named;
  return Object.fromEntries(
    [...new Set(names)].map((name) => {
      const fields = { kind: "kubernetes", podCidr: "10.200.0.0/16", policy: "open" };
      const node = { address: addressIn(nodes, 200) };
      return [name, { ...fields, access: { kubeconfig: "~/.kube/config" }, nodes: { node } }];
    }),
  );
}

function addressIn(nodes: unknown, last: number): string {
  const [found] = JSON.stringify(nodes).match(/\d+\.\d+\.\d+(?=\.\d+\/24)/) ?? [];
  if (found === undefined) throw new Error(`no /24 in ${JSON.stringify(nodes)}`);
  return `${found}.${last}`;
}

const excerpts = documents.flatMap((file) =>
  blocksOf(file)
    .filter((block) => block.language === "yaml" && !isOfOthers(block))
    .map((block) => [`${file}:${block.line}`, file, block] as const),
);

test("documents have excerpts of configurations", () => {
  expect(excerpts.length).toBeGreaterThan(15);
});

test.each(excerpts)("the configuration at %s is taken", (at, file, block) => {
  const warned: string[] = [];
  const options = { readNodes, warn: (line: string) => warned.push(line) };
  const { text } = assignIn(whole(file, block), at, options);
  const plan = makePlan(parseStackConfig(text, at, options));
  expect(Object.keys(plan.coes).length).toBeGreaterThan(0);
});
