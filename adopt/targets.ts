import { exitCode, SeamlessError } from "../util/errors";

/** One thing to read, as it is written: `NAME=KIND:SETTING=VALUE,SETTING=VALUE`. */
export interface Target {
  readonly name: string;
  readonly kind: string;
  /** By name; a list where the kind takes several of it. */
  readonly settings: Readonly<Record<string, string | readonly string[]>>;
}

/** By kind, the settings it takes, each with whether it takes several of it. */
export type Known = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** @throws SeamlessError that says what is allowed */
export function parseTarget(given: string, known: Known): Target {
  const [, name = "", kind = "", rest = ""] = /^([^=:]+)=([^:]+):(.+)$/s.exec(given) ?? [];
  const takes = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (name === "" || takes === undefined)
    throw usage(
      given,
      `NAME=KIND:SETTING=VALUE,..., with a KIND of ${Object.keys(known).sort().join(", ")}`,
    );
  const settings: Record<string, string | string[]> = {};
  for (const part of split(rest, Object.keys(takes))) {
    const [, setting = "", value = ""] = /^([^=]+)=(.+)$/s.exec(part) ?? [];
    if (!Object.hasOwn(takes, setting))
      throw usage(given, `settings of ${kind}: ${Object.keys(takes).sort().join(", ")}`);
    if (takes[setting] === true) {
      const before = settings[setting];
      settings[setting] = [...(Array.isArray(before) ? before : []), value];
    } else settings[setting] = value;
  }
  return { name, kind, settings };
}

/** At commas before a setting's name: a value may have some itself. */
function split(text: string, names: readonly string[]): string[] {
  const parts: string[] = [];
  for (const piece of text.split(",")) {
    const begins = names.some((name) => piece.startsWith(`${name}=`));
    if (begins || parts.length === 0) parts.push(piece);
    else parts.push(`${parts.pop()},${piece}`);
  }
  return parts;
}

function usage(given: string, allowed: string): SeamlessError {
  return new SeamlessError(`adopt: found ${given}; allowed: ${allowed}`, exitCode.usage);
}
