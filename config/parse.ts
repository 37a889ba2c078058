import { SeamlessError } from "../util/errors";
import { readDraft } from "./draft";
import type { RawSecrets } from "./handed-on";
import type { Kinds } from "./kind";
import { ConfigError, dotted, type Locate, linesOf, type Path, placed } from "./problems";
import { problemsOf } from "./rules";
import { encryptedProblems, passwordNames, secretProblems } from "./secrets";
import { fromCluster, type Shape, shape, shapeProblems } from "./shape";
import type { CoeConfig, Config, ExternalAccess, NodeConfig } from "./types";

/** The configuration as it stands in a stack: one value for each key of `seamless:`. */
export interface RawConfig {
  readonly network?: unknown;
  readonly reflectors?: unknown;
  readonly coes?: unknown;
  readonly lab?: unknown;
}

const defaultLab = shape.shape.lab.unwrap().parse({});

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
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
  const parsed = shape.safeParse(given, { reportInput: true });
  const misshapen = parsed.success ? [] : shapeProblems(parsed.error);
  const told = new Set(misshapen.map(({ path }) => dotted(path)));
  const draft = readDraft(given, defaultLab.ports);
  const broken = [
    ...problemsOf(draft, kinds, secrets),
    ...secretProblems(secrets, draft.coes, kinds.coes),
  ];
  const found = broken.filter(({ path }) => !told.has(dotted(path)));
  const warnings = found.filter(({ level }) => level === "warning");
  const problems = [...misshapen, ...found.filter(({ level }) => level === undefined)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems, locate);
  const { coes } = parsed.data;
  const asked = Object.entries(coes).filter(([, { nodes }]) => nodes === fromCluster);
  if (asked.length === 0) {
    if (warn !== undefined) for (const line of linesOf(warnings, locate)) warn(line);
    return placed(withDefaults(parsed.data, secrets), locate);
  }
  const answered = asked.map(([name, coe]) => [
    name,
    { ...coe, nodes: nodesOf(name, coe, readNodes) },
  ]);
  const whole = { ...parsed.data, coes: { ...coes, ...Object.fromEntries(answered) } };
  return parseConfig(whole, options);
}

function nodesOf(name: string, { kind, access }: CoeShape, readNodes: ReadNodes | undefined) {
  if (readNodes === undefined || access === "embedded")
    throw new SeamlessError(`coes.${name}.nodes: found ${fromCluster}, which is not read here`);
  return readNodes(name, kind, access);
}

type CoeShape = Shape["coes"][string];

function withDefaults(config: Shape, secrets: RawSecrets): Config {
  const coes = Object.entries(config.coes).flatMap(([name, coe]): [string, CoeConfig][] => {
    const { nodes, blockSize = config.network.blockSize, policy = "open" } = coe;
    return nodes === fromCluster ? [] : [[name, { ...coe, nodes, blockSize, policy }]];
  });
  const embedded = Object.values(config.coes).some((coe) => coe.access === "embedded");
  const { lab, ...rest } = config;
  const names = passwordNames(secrets);
  const complete: Config = {
    ...rest,
    coes: Object.fromEntries(coes),
    ...(names.length === 0 ? {} : { bgpPasswords: names }),
  };
  return embedded ? { ...complete, lab: lab ?? defaultLab } : complete;
}
