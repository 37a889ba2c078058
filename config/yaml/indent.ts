import { CST, Lexer } from "yaml";

/** Spaces that were put before lines of a text, by the line's number from 1. */
export type Pads = ReadonlyMap<number, number>;

/** How often a bracket or quote is looked for that the library takes for left open; each takes a look at the whole. */
const mostLooks = 200;

/**
 * Lines inside of brackets or quotes may begin anywhere for Go's yaml.v3, and for the library only further in than what
 * they belong to: they are given spaces, which mean nothing there.
 */
export function indented(text: string): { readonly text: string; readonly pads: Pads } {
  const lines = text.split("\n");
  const pads = new Map<number, number>();
  const pad = ({ first, last, spaces }: Outdent) => {
    for (let line = first; line <= last; line++) {
      lines[line] = `${" ".repeat(spaces)}${lines[line]}`;
      pads.set(line + 1, (pads.get(line + 1) ?? 0) + spaces);
    }
  };
  for (let look = 0; look < mostLooks; look++) {
    const found = outdent(lines.join("\n"));
    // What is further in now and left open all the same is so for another reason.
    if (found === undefined || pads.has(found.first + 1)) break;
    pad(found);
  }
  return pads.size === 0 ? { text, pads } : { text: lines.join("\n"), pads };
}

/** Lines, counted from 0, that are not far enough in. */
interface Outdent {
  readonly first: number;
  readonly last: number;
  /** As many as are enough. */
  readonly spaces: number;
}

/** The first lines at which the library takes a bracket or a quote for left open. */
function outdent(text: string): Outdent | undefined {
  const columnOf = (offset: number) => offset - text.lastIndexOf("\n", offset - 1);
  let offset = 0;
  let scalarNext = false;
  let open: number | undefined;
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === CST.FLOW_END && open !== undefined && depth > 0)
      return within(text, offset, endOfBrackets(text, open), columnOf(open));
    if (lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END || lexeme === CST.SCALAR) {
      scalarNext = lexeme === CST.SCALAR;
      continue;
    }
    if (!scalarNext && isOpenQuote(lexeme)) {
      const end = endOfQuote(text, offset);
      return within(text, offset + lexeme.length + 1, end, columnOf(open ?? offset));
    }
    if (!scalarNext && /^[[{]$/.test(lexeme)) {
      open = depth === 0 ? offset : open;
      depth++;
    }
    if (!scalarNext && /^[\]}]$/.test(lexeme)) depth--;
    scalarNext = false;
    offset += lexeme.length;
  }
  return undefined;
}

/** The lines from the one of an offset to the one of an end; none where the text ends first, or a document does. */
function within(
  text: string,
  offset: number,
  end: number | undefined,
  spaces: number,
): Outdent | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  if (end === undefined || end < start) return undefined;
  const inside = text.slice(start, end + 1);
  if (/^(---|\.\.\.)([ \t]|$)/m.test(inside)) return undefined;
  const first = count(text.slice(0, start));
  return { first, last: first + count(inside), spaces };
}

function count(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

const doubleQuoted = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const singleQuoted = /'[^']*(?:''[^']*)*'/y;

/** The offset of the end of a text in quotes; undefined when it has none. */
function endOfQuote(text: string, offset: number): number | undefined {
  const pattern = text[offset] === '"' ? doubleQuoted : singleQuoted;
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex - 1 : undefined;
}

/** The offset of the bracket that closes one; undefined when there is none. Quotes begin where a value can. */
function endOfBrackets(text: string, offset: number): number | undefined {
  let depth = 0;
  const sign = /(?<=^|\s)#.*|(?<=[[{,:\s])["']|[[\]{}]/gm;
  sign.lastIndex = offset;
  for (let found = sign.exec(text); found !== null; found = sign.exec(text)) {
    const [mark = ""] = found;
    if (mark === '"' || mark === "'") {
      const end = endOfQuote(text, found.index);
      if (end === undefined) return undefined;
      sign.lastIndex = end + 1;
    } else if (mark === "[" || mark === "{") depth++;
    else if (!mark.startsWith("#")) depth--;
    if (depth === 0) return found.index;
  }
  return undefined;
}

/** Whether a text in quotes has no end. */
function isOpenQuote(lexeme: string): boolean {
  if (!/^["']/.test(lexeme)) return false;
  return endOfQuote(lexeme, 0) !== lexeme.length - 1;
}
