import { readDraft } from "./draft";
import { ConfigError, dotted, type Locate } from "./problems";
import { problemsOf } from "./rules";
import { type Shape, shape, shapeProblems } from "./shape";
import type { Config } from "./types";

/** The configuration as it stands in a stack: one value for each key of `seamless:`. */
export interface RawConfig {
  readonly network?: unknown;
  readonly reflectors?: unknown;
  readonly coes?: unknown;
  readonly lab?: unknown;
}

const defaultLab = shape.shape.lab.unwrap().parse({});

/**
 * Validates a configuration and fills in its defaults.
 * @throws ConfigError with all problems at once
 */
export function parseConfig(raw: RawConfig, locate?: Locate): Config {
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
  const parsed = shape.safeParse(given, { reportInput: true });
  const misshapen = parsed.success ? [] : shapeProblems(parsed.error);
  const told = new Set(misshapen.map(({ path }) => dotted(path)));
  const broken = problemsOf(readDraft(given, defaultLab.ports));
  const problems = [...misshapen, ...broken.filter(({ path }) => !told.has(dotted(path)))];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems, locate);
  return withDefaults(parsed.data);
}

function withDefaults(config: Shape): Config {
  const coes = Object.entries(config.coes).map(([name, coe]) => [
    name,
    { ...coe, blockSize: coe.blockSize ?? config.network.blockSize },
  ]);
  const embedded = Object.values(config.coes).some((coe) => coe.access === "embedded");
  const { lab, ...rest } = config;
  const complete: Config = { ...rest, coes: Object.fromEntries(coes) };
  return embedded ? { ...complete, lab: lab ?? defaultLab } : complete;
}
