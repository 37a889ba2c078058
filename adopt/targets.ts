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
  const [, name = "", kind = "", rest = ""] = /^([^=:]+)=([^:]+)(?::(.+))?$/s.exec(given) ?? [];
  const takes = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (name === "" || takes === undefined)
    throw usage(given, `NAME=KIND:SETTING=VALUE,..., with KIND (and SETTING) of ${kindsOf(known)}`);
  const settings: Record<string, string | string[]> = {};
  // A kind without settings says itself what it is read by.
  const parts = Object.keys(takes).length === 0 ? [] : split(rest, Object.keys(takes));
  for (const part of parts) {
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

/** The kinds that can be read by a setting, each with its settings. */
function kindsOf(known: Known): string {
  return Object.entries(known)
    .map(([kind, takes]) => ({ kind, settings: Object.keys(takes).sort() }))
    .filter(({ settings }) => settings.length > 0)
    .map(({ kind, settings }) => `${kind} (${settings.join(", ")})`)
    .sort()
    .join(", ");
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
