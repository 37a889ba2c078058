import { z } from "zod";
import { SeamlessError } from "../util/errors";
import { type CoeDraft, type Draft, readDraft } from "./draft";
import { familiesOf } from "./family";
import type { RawSecrets } from "./handed-on";
import { withIpv6 } from "./ipv6";
import { hasNodeRanges, type Kinds, kindOf } from "./kind";
import { ConfigError, dotted, type Locate, linesOf, type Path, placed } from "./problems";
import { problemsOf } from "./rules";
import { encryptedProblems, passwordNames, secretProblems } from "./secrets";
import { defaultPorts, shapeProblems } from "./shape";
import {
  type CoeConfig,
  type Config,
  coeSchema,
  type ExternalAccess,
  fromCluster,
  labSchema,
  type NodeConfig,
  networkSchema,
  reflectorSchema,
} from "./types";

/** The configuration as it stands in a stack: one value for each key of `seamless:`. */
export interface RawConfig {
  readonly network?: unknown;
  readonly reflectors?: unknown;
  readonly coes?: unknown;
  readonly gate?: unknown;
  readonly lab?: unknown;
}

/**
 * Asks a COE for its nodes, by name.
 * @throws SeamlessError when it does not answer
 */
export type ReadNodes = (
  coe: string,
  kind: string,
  access: ExternalAccess,
) => Readonly<Record<string, NodeConfig>>;

export type Warn = (line: string) => void;

export interface ParseOptions {
  readonly kinds: Kinds;
  /** Where things stand in a file. */
  readonly locate?: Locate;
  /** For COEs with `nodes: fromCluster`. Default: there are none. */
  readonly readNodes?: ReadNodes;
  /** Default: none. */
  readonly secrets?: RawSecrets;
  /** Paths of values that are encrypted and may not be. Default: none. */
  readonly encrypted?: readonly Path[];
  /** Told of what does not keep a plan from being made, a line each. Default: nobody is told. */
  readonly warn?: Warn;
}

/**
 * Validates a configuration and fills in its defaults. COEs are asked for their nodes when nothing else is wrong, and
 * what they answer is validated like what is written.
 * @throws ConfigError with all problems at once
 */
export function parseConfig(raw: RawConfig, options: ParseOptions): Config {
  const { kinds, locate, readNodes, warn, secrets = {}, encrypted = [] } = options;
  // Whatever else is wrong might be told with a value that was encrypted.
  if (encrypted.length > 0) throw new ConfigError(encryptedProblems(encrypted), locate);
  const written = Object.fromEntries(
    Object.entries(raw).filter(([, value]) => value !== undefined),
  );
  const given = withIpv6(written, kinds.coes);
  const misshapen = shapeProblems(given, kinds);
  const told = new Set(misshapen.map(({ path }) => dotted(path)));
  const lab = { name: "lab", ports: defaultPorts(kinds, given.coes) };
  const draft = readDraft(given, lab);
  const broken = [
    ...problemsOf(draft, kinds, secrets),
    ...secretProblems(secrets, draft.coes, kinds.coes),
  ];
  const found = broken.filter(({ path }) => !told.has(dotted(path)));
  const warnings = found.filter(({ level }) => level === "warning");
  const problems = [...misshapen, ...found.filter(({ level }) => level === undefined)];
  if (problems.length > 0) throw new ConfigError(problems, locate);
  const asked = Object.entries(draft.coes).filter(([, { nodesFromCluster }]) => nodesFromCluster);
  if (asked.length === 0) {
    if (warn !== undefined) for (const line of linesOf(warnings, locate)) warn(line);
    return placed(withDefaults(given, draft, secrets), locate);
  }
  const answered = Object.entries(draft.coes).map(([name, coe]) => [
    name,
    coe.nodesFromCluster
      ? { ...coe.written, nodes: nodesOf(name, coe, kinds, readNodes) }
      : coe.written,
  ]);
  return parseConfig({ ...given, coes: Object.fromEntries(answered) }, options);
}

function nodesOf(
  name: string,
  coe: CoeDraft,
  { coes }: Kinds,
  readNodes: ReadNodes | undefined,
): Readonly<Record<string, NodeConfig>> {
  const { kind = "", access, podCidr } = coe;
  if (readNodes === undefined || access === undefined)
    throw new SeamlessError(`coes.${name}.nodes: found ${fromCluster}, which is not read here`);
  const ranges = hasNodeRanges(kindOf(coes, kind), coe);
  const nodes = Object.entries(readNodes(name, kind, access));
  return Object.fromEntries(
    nodes.map(([node, one]) => [node, inFamilies(ranges ? one : withoutRange(one), podCidr)]),
  );
}

/** Where nodes take blocks, the range that the COE itself gives to a node is none that counts. */
function withoutRange({ podCidr: _, ...node }: NodeConfig): NodeConfig {
  return node;
}

/** A node has more addresses than the plan needs where its machines have a family that containers do not have. */
function inFamilies(node: NodeConfig, podCidr: readonly string[] | undefined): NodeConfig {
  const { address6, ...rest } = node;
  const needed = familiesOf(podCidr);
  if (address6 === undefined || needed.length === 0 || needed.length === 2) return node;
  return needed.includes(6) ? { ...rest, address: address6 } : rest;
}

const validated = z.object({
  network: networkSchema,
  reflectors: z.record(z.string(), reflectorSchema).default({}),
  gate: z.boolean().default(false),
});

function blockSizesOf({ blockSize, blockSize6 }: Config["network"]) {
  return { blockSize, ...(blockSize6 === undefined ? {} : { blockSize6 }) };
}

/** @param draft of the same configuration, in which nothing is wrong */
function withDefaults(given: RawConfig, draft: Draft, secrets: RawSecrets): Config {
  const { network, reflectors, gate } = validated.parse(given);
  const coes = Object.entries(draft.coes).map(([name, { written }]): [string, CoeConfig] => [
    name,
    coeSchema.parse({ ...blockSizesOf(network), policy: "open", ...written }),
  ]);
  const embedded = Object.values(draft.coes).some((coe) => coe.embedded);
  const names = passwordNames(secrets);
  return {
    network,
    reflectors,
    coes: Object.fromEntries(coes),
    ...(gate ? { gate: true as const } : {}),
    ...(embedded ? { lab: labSchema.parse(draft.lab) } : {}),
    ...(names.length === 0 ? {} : { bgpPasswords: names }),
  };
}
