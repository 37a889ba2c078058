import { isIP } from "node:net";
import type { Command, Grammar } from "./types";

/** A line that the grammar knows, with its arguments in their order. */
export interface Parsed {
  readonly command: string;
  readonly args: readonly string[];
  /** The commands above it, each with its arguments. */
  readonly above: readonly Parsed[];
}

const between = (least: number, most: number) => (text: string) =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;

const isPrefix = (family: 4 | 6) => (text: string) => {
  const [address = "", length = ""] = text.split("/");
  return isIP(address) === family && between(0, family === 4 ? 32 : 128)(length);
};

/** What an argument of a type may be. */
const types: Readonly<Record<string, (text: string) => boolean>> = {
  address: (text) => isIP(text) !== 0,
  ipv4: (text) => isIP(text) === 4,
  prefix4: isPrefix(4),
  prefix6: isPrefix(6),
  prefix: (text) => isPrefix(4)(text) || isPrefix(6)(text),
  asn: between(1, 4_294_967_295),
  seq0: between(0, 4_294_967_295),
  seq: between(1, 4_294_967_294),
  entry: between(0, 65_535),
  length: between(0, 128),
  seconds: between(0, 65_535),
  restart: between(1, 3_600),
  restart600: between(1, 600),
  paths: between(2, 64),
  pathlist: between(1, 199),
  count: between(1, 4_294_967_294),
  name: (text) => /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(text),
  word: (text) => /^\S{1,80}$/.test(text),
  regexp: (text) => /^[\^$()[\]0-9+?.*{},|_ -]+$/.test(text),
  quotedRegexp: (text) => /^"[\^$()[\]0-9+?.*{},|_ -]+"$/.test(text),
  text: (text) => /^\S.{0,79}$/.test(text),
  quoted: (text) => /^"[^"\n]*"$/.test(text),
  lengths: (text) => {
    const [, least = "", most = ""] = /^\/(\d+)-\/(\d+)$/.exec(text) ?? [];
    return between(0, 128)(most) && between(0, Number(most))(least);
  },
};

/** @throws Error that names the first line which the grammar does not know */
export function parseWith({ indent, comment, commands }: Grammar, text: string): Parsed[] {
  const lines = text.split("\n").filter((line) => line !== "");
  const found: Parsed[] = [];
  let open: { readonly parsed: Parsed; readonly below: readonly Command[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(comment)) continue;
    const blanks = line.length - line.trimStart().length;
    const depth = indent === 0 ? 0 : blanks / indent;
    if (!Number.isInteger(depth) || depth > open.length)
      throw new Error(`${JSON.stringify(line)}: ${blanks} blanks`);
    open = open.slice(0, depth);
    const above = open.map(({ parsed }) => parsed);
    const allowed = depth === 0 ? commands : (open.at(-1)?.below ?? []);
    const [first, ...others] = allowed.flatMap((one) => {
      const args = argumentsOf(one.command, line.trim());
      return args === undefined ? [] : [{ one, args }];
    });
    if (first === undefined)
      throw new Error(
        `${JSON.stringify(line)}: no such command below ${above.at(-1)?.command ?? "the top"}`,
      );
    if (others.length > 0) throw new Error(`${JSON.stringify(line)}: means several commands`);
    const parsed = { command: first.one.command, args: first.args, above };
    found.push(parsed);
    open.push({ parsed, below: first.one.below ?? [] });
  }
  return found;
}

/** The arguments of a line that is such a command; undefined where it is not. */
function argumentsOf(command: string, line: string): readonly string[] | undefined {
  const named: string[] = [];
  const pattern = command
    .split(/(<\w+>|[[\]()|]| )/)
    .filter((part) => part !== "")
    .map((part) => {
      const type = /^<(\w+)>$/.exec(part)?.[1];
      if (type !== undefined) {
        named.push(type);
        return /^(text|regexp|quoted|quotedRegexp)$/.test(type) ? "(.+)" : "(\\S+)";
      }
      if (part === "[") return "(?:";
      if (part === "]") return ")?";
      if (part === "(") return "(?:";
      if (part === ")" || part === "|") return part;
      return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  const match = new RegExp(`^${pattern}$`).exec(line);
  if (match === null) return undefined;
  const args = match.slice(1).map((one: string | undefined) => one ?? "");
  const typed = named.every((type, index) => {
    const arg = args[index] ?? "";
    const check = types[type];
    if (check === undefined) throw new Error(`no type ${type}`);
    return arg === "" || check(arg);
  });
  return typed ? args : undefined;
}
