import { exitCode, SeamlessError } from "../util/errors";

/** Where something stands in the configuration: keys from the top, such as ["coes", "a", "podCidr"]. */
export type Path = readonly string[];

/** A place in a configuration file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly path: Path;
  /** What was found, what is allowed, what to do. */
  readonly message: string;
  /** `warning`: is told, and a plan is made all the same. Absent: none is made. */
  readonly level?: "warning";
}

/** Finds the place of a path, when the configuration came from a file. */
export type Locate = (path: Path) => Place | undefined;

const locators = new WeakMap<object, Locate>();

/** Notes where the parts of a configuration stand, for what is judged of it later on. @returns the configuration */
export function placed<T extends object>(config: T, locate: Locate | undefined): T {
  if (locate !== undefined) locators.set(config, locate);
  return config;
}

/** Where the parts of a configuration stand; undefined when it came from no file. */
export function locatorOf(config: object): Locate | undefined {
  return locators.get(config);
}

/** Everything that is wrong with a configuration, in the order of the file when it came from one. */
export class ConfigError extends SeamlessError {
  constructor(
    readonly problems: readonly Problem[],
    locate: Locate = () => undefined,
  ) {
    // Looking for the places of very many takes long.
    const some = problems.length > mostPlaces ? problems.slice(0, mostLines) : problems;
    const lines = linesOf(some, locate);
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const more = problems.length - mostLines;
    const rest = more > 0 ? [`and ${more} more`] : [];
    const told = [...lines.slice(0, mostLines), ...rest];
    super(`${count} in the configuration\n${told.join("\n")}`, exitCode.usage);
    this.name = "ConfigError";
  }
}

/** Each problem on a line, with its place where it has one, in the order of the file. */
export function linesOf(problems: readonly Problem[], locate: Locate = () => undefined): string[] {
  const all = problems.map((problem) => ({ ...problem, place: locate(problem.path) }));
  return all.sort(byPlace).map(({ path, message, place }) => {
    const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
    return `${where}${dotted(path)}: ${shortened(message, mostOfMessage)}`;
  });
}

interface Placed {
  readonly place: Place | undefined;
}

/** From top to bottom of the file. */
function byPlace({ place: a }: Placed, { place: b }: Placed): number {
  return a === undefined || b === undefined ? 0 : a.line - b.line || a.column - b.column;
}

/** How much is told of what may be of any size: lines of problems, characters of a message and of a name. */
const mostLines = 200;
const mostPlaces = 1000;
const mostOfMessage = 1200;
const mostOfName = 260;

/** A text with its middle left out when it is too long: what was found stands first in a message, what to do last. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  return `${text.slice(0, half)}...(${text.length - 2 * half} characters)...${text.slice(-half)}`;
}

/** `coes.a.nodes.agent-1`; a key that is no plain word is quoted. */
export function dotted(path: Path): string {
  return path
    .map((key) => shortened(key, mostOfName))
    .map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key)))
    .join(".");
}
