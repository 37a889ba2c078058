/** The difference between two sets of inputs, as exact property paths. */
import {
  bare,
  equal,
  isList,
  isObject,
  type Path,
  type Properties,
  plain,
  type Rich,
  type RichProperties,
  Unknown,
  type Value,
} from "./values";

export type ChangeKind = "add" | "delete" | "update";

/** One changed value. */
export interface Change {
  readonly path: Path;
  readonly kind: ChangeKind;
  /** The input that it belongs to: the first element of the path. */
  readonly property: string;
  /** Absent when there was none, or when it is not known yet. */
  readonly older: Value | undefined;
  readonly newer: Value | undefined;
  /** All new inputs. */
  readonly news: Properties;
}

export type Same = (path: Path, older: Value, newer: Value) => boolean;

/** A path as the engine writes it: `ports[0].internal`, and `labels["a.b"]` for names with other characters. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[A-Za-z_$][\w$-]*$/.test(part)) return `${text}["${part.replaceAll('"', '\\"')}"]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** A path of the engine with its wildcards, such as `env[*]` or `labels["a.b"]`, as a list; `*` stands for any. */
export function parsePath(text: string): Path {
  const parts = text.matchAll(/\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g);
  return [...parts].map(([, index, quoted, name]) => {
    if (index !== undefined) return index === "*" ? "*" : Number(index);
    return name ?? (quoted ?? "").replaceAll('\\"', '"');
  });
}

function covers(pattern: Path, path: Path): boolean {
  return (
    pattern.length <= path.length &&
    pattern.every((part, index) => part === "*" || part === path[index])
  );
}

function plainOrAbsent(value: Rich | undefined): Value | undefined {
  return value === undefined ? undefined : plain({ value }).value;
}

function kindOf(older: Rich | undefined, newer: Rich | undefined): ChangeKind {
  if (older === undefined) return "add";
  return newer === undefined ? "delete" : "update";
}

/**
 * All differences, ordered by path. A value that is not known yet counts as changed. Inside lists the comparison goes
 * by position. Secrets and assets are compared, but not looked into: the path ends where the mark is.
 */
export function diff(
  olds: RichProperties,
  news: RichProperties,
  options: { readonly ignore?: readonly string[]; readonly same?: Same | undefined } = {},
): Change[] {
  const ignored = (options.ignore ?? []).map(parsePath);
  const plainNews = plain(news);
  const changes: Change[] = [];

  function sameByType(path: Path, older: Rich, newer: Rich): boolean {
    if (options.same === undefined || bare(newer) instanceof Unknown) return false;
    const [a, b] = [plainOrAbsent(older), plainOrAbsent(newer)];
    return a !== undefined && b !== undefined && options.same(path, a, b);
  }

  function compare(path: Path, older: Rich | undefined, newer: Rich | undefined): void {
    if (older === undefined || newer === undefined) record(path, older, newer);
    else if (equal(older, newer) || sameByType(path, older, newer)) return;
    else if (isObject(older) && isObject(newer)) compareObjects(path, older, newer);
    else if (isList(older) && isList(newer)) compareLists(path, older, newer);
    else record(path, older, newer);
  }

  function record(path: Path, older: Rich | undefined, newer: Rich | undefined): void {
    if (ignored.some((pattern) => covers(pattern, path))) return;
    changes.push({
      path,
      kind: kindOf(older, newer),
      property: String(path[0]),
      older: plainOrAbsent(older),
      newer: plainOrAbsent(newer),
      news: plainNews,
    });
  }

  function compareObjects(path: Path, older: RichProperties, newer: RichProperties): void {
    const keys = new Set([...Object.keys(older), ...Object.keys(newer)]);
    for (const key of [...keys].sort()) compare([...path, key], older[key], newer[key]);
  }

  function compareLists(path: Path, older: readonly Rich[], newer: readonly Rich[]): void {
    const length = Math.max(older.length, newer.length);
    for (let index = 0; index < length; index++)
      compare([...path, index], older[index], newer[index]);
  }

  compareObjects([], olds, news);
  return changes;
}
