import { CST, Lexer } from "yaml";

/** Spaces that were put before lines of a text, by the line's number from 1. */
export type Pads = ReadonlyMap<number, number>;

/** Lines that are given spaces, after which a text is left as it is. */
const mostLines = 500;

/**
 * Lines inside of brackets or quotes may begin anywhere for Go's yaml.v3, and for the library only further in than what
 * they belong to: they are given spaces, which mean nothing there.
 */
export function indented(text: string): { readonly text: string; readonly pads: Pads } {
  const pads = new Map<number, number>();
  let whole = text;
  for (let count = 0; count < mostLines; count++) {
    const found = outdent(whole);
    if (found === undefined) break;
    whole = `${whole.slice(0, found.start)}${" ".repeat(found.pad)}${whole.slice(found.start)}`;
    const line = whole.slice(0, found.start).split("\n").length;
    pads.set(line, (pads.get(line) ?? 0) + found.pad);
  }
  return { text: whole, pads };
}

interface Outdent {
  /** Where the line begins. */
  readonly start: number;
  /** Spaces that are enough. */
  readonly pad: number;
}

/** The first line at which the library takes a bracket or a quote for left open. */
function outdent(text: string): Outdent | undefined {
  const columnOf = (offset: number) => offset - text.lastIndexOf("\n", offset - 1);
  const at = (offset: number, from: number): Outdent | undefined => {
    const start = text.lastIndexOf("\n", offset - 1) + 1;
    const marker = /^(---|\.\.\.)([ \t\n]|$)/.test(text.slice(start, start + 4));
    return marker || start <= from ? undefined : { start, pad: columnOf(from) };
  };
  let offset = 0;
  let scalarNext = false;
  let open: number | undefined;
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === CST.FLOW_END && open !== undefined && depth > 0) return at(offset, open);
    if (lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END || lexeme === CST.SCALAR) {
      scalarNext = lexeme === CST.SCALAR;
      continue;
    }
    if (!scalarNext && isOpenQuote(lexeme)) return at(offset + lexeme.length + 1, open ?? offset);
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

/** Whether a text in quotes has no end. */
function isOpenQuote(lexeme: string): boolean {
  if (lexeme.startsWith('"')) return !/^"(?:[^"\\]|\\[\s\S])*"$/.test(lexeme);
  return lexeme.startsWith("'") && !/^'(?:[^']|'')*'$/.test(lexeme);
}
