/** The language of Calico's selectors ("Selectors" in Calico's resource definitions). */

interface Token {
  readonly kind: string;
  readonly at: number;
}

class Fault extends Error {}

/** What is wrong with a selector, and where; undefined when it is one. The empty text selects everything. */
export function selectorFault(text: string): string | undefined {
  try {
    const parser = new Parser(tokens(text), text.length);
    if (!parser.atEnd()) parser.selector();
    if (!parser.atEnd()) parser.expected("&&, || or the end");
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.message;
    throw thrown;
  }
}

const boundary = "(?![\\w./-])";
/** After a label there is an operator, so that labels may be called as operators are. */
const operator = new RegExp(
  `(?:(?<compare>contains|starts[ \\t]*with|ends[ \\t]*with)|(?<set>not[ \\t]*in|in))${boundary}`,
  "y",
);
const symbol = /(?<compare>==|!=)|(?<mark>&&|\|\||[!(){},])/y;
const literal = /(?<literal>"[^"]*"|'[^']*')/y;
const word =
  /(?<call>has\([ \t]*[\w./-]{1,512}[ \t]*\)|(?:all|global)\([ \t]*\))|(?<open>(?:has|all|global)\()|(?<label>[\w./-]+)/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at++;
    if (at >= text.length) return found;
    const after = found.at(-1)?.kind === "label" ? [operator] : [word];
    const match = [symbol, literal, ...after]
      .map((pattern) => {
        pattern.lastIndex = at;
        return pattern.exec(text);
      })
      .find((one) => one !== null);
    const [kind] =
      Object.entries(match?.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    const [matched = ""] = match ?? [];
    if (kind === undefined || kind === "open" || (kind === "label" && matched.length > 512))
      throw new Fault(
        `unexpected ${JSON.stringify(text.slice(at, at + 12))} at character ${at + 1}`,
      );
    found.push({ kind: kind === "mark" ? matched : kind, at });
    at += matched.length;
  }
}

class Parser {
  private next = 0;

  constructor(
    private readonly all: readonly Token[],
    private readonly length: number,
  ) {}

  atEnd(): boolean {
    return this.next >= this.all.length;
  }

  /** Terms of `&&`, joined by `||`; which binds closer is no matter of syntax. */
  selector(): void {
    do this.term();
    while (this.take("&&") || this.take("||"));
  }

  expected(what: string): never {
    const at = this.all[this.next]?.at;
    throw new Fault(
      `expected ${what} ${at === undefined || at >= this.length ? "at the end" : `at character ${at + 1}`}`,
    );
  }

  private term(): void {
    while (this.take("!"));
    if (this.take("call")) return;
    if (this.take("(")) {
      this.selector();
      this.must(")", ")");
    } else {
      this.must("label", "a label, has(), all() or (");
      if (this.take("set")) this.set();
      else {
        this.must("compare", "==, !=, in, not in, contains, starts with or ends with");
        this.must("literal", "a text in quotes");
      }
    }
  }

  private set(): void {
    this.must("{", "{");
    while (this.take("literal") && this.take(","));
    this.must("}", "} or a text in quotes");
  }

  private take(kind: string): boolean {
    if (this.all[this.next]?.kind !== kind) return false;
    this.next++;
    return true;
  }

  private must(kind: string, what: string): void {
    if (!this.take(kind)) this.expected(what);
  }
}
