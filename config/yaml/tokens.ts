import { CST, Lexer, Parser } from "yaml";
import type { Fail, YamlFault } from "./fault";

/** A directive that Go's yaml.v3 knows: the version has to be 1.1, whatever is written by it. */
const directive =
  /^%(YAML[ \t]+1\.1|TAG[ \t]+!([\w-]*!)?[ \t]+[\w!$%&'()*+,./:;=?@~[\]-]+)[ \t]*(#.*)?$/;
const anchor = /^[&*][\w-]+$/;
const tag = /^!(<[\w!$%&'()*+,./:;=?@~[\]-]+>|[\w!$%&'()*+./:;=?@~-]*)$/;

/** What the lexer says with one character: that a document begins, that a scalar comes, that brackets are left open. */
const marks = { document: CST.DOCUMENT, scalar: CST.SCALAR, flowEnd: CST.FLOW_END };

/**
 * The concrete syntax of a text. The library reads YAML 1.2; what 1.1 as Go's yaml.v3 knows it does not take is refused
 * here, token by token.
 * @throws YamlFault at such a token
 */
export function* syntaxOf(text: string, fault: Fail): Generator<CST.Token, void> {
  const parser = new Parser();
  const rules = new Rules(text, fault);
  for (const lexeme of new Lexer().lex(text)) {
    for (const part of rules.parts(lexeme)) {
      rules.check(part);
      yield* parser.next(part);
    }
  }
  yield* parser.end();
}

class Rules {
  private offset = 0;
  /** Brackets that are open. */
  private depth = 0;
  private scalarNext = false;
  /** What the lexer says next of something that was taken for another. */
  private leftOut: ReadonlySet<string> = new Set();
  /** Whether a key may begin here: a tab would be taken for indentation. */
  private keyAllowed = true;

  constructor(
    private readonly text: string,
    private readonly fail: Fail,
  ) {}

  /**
   * What a lexeme is in YAML 1.1: the name of an alias ends before the colon of the key that it is, and a dash, or a
   * colon after a text, that stands right before a bracket or a comma between brackets belongs to a text.
   */
  parts(lexeme: string): string[] {
    if (this.leftOut.has(lexeme)) return [];
    this.leftOut = new Set();
    const next = this.text.slice(this.offset + lexeme.length, this.offset + lexeme.length + 2);
    if (this.scalarNext) {
      if (this.depth === 0 || !/^:[,[\]{}]/.test(next)) return [lexeme];
      this.leftOut = new Set([":", marks.scalar, ""]);
      return [`${lexeme}:`];
    }
    if (/^\*[\w-]+:$/.test(lexeme)) return [lexeme.slice(0, -1), ":"];
    if (lexeme !== "-" || this.depth === 0 || !/^[,[\]{}]/.test(next)) return [lexeme];
    this.leftOut = new Set([marks.scalar, ""]);
    return [marks.scalar, lexeme];
  }

  check(lexeme: string): void {
    if (lexeme === marks.document || lexeme === marks.flowEnd || lexeme === marks.scalar) {
      this.scalarNext = lexeme === marks.scalar;
      if (!this.scalarNext) this.depth = 0;
      return;
    }
    if (this.scalarNext) this.scalar(lexeme);
    else this.sign(lexeme);
    this.scalarNext = false;
    this.offset += lexeme.length;
  }

  private scalar(text: string): void {
    if (this.depth > 0 && /^:|\?/.test(text))
      throw this.fault("found ? or a leading : between brackets; allowed: such a text in quotes");
    this.keyAllowed = false;
  }

  private sign(lexeme: string): void {
    switch (lexeme[0]) {
      case "\n":
      case "\r":
        this.keyAllowed = true;
        return;
      case " ":
      case "\t":
        if (lexeme.includes("\t") && this.keyAllowed && this.depth === 0)
          throw this.fault("found a tab where YAML indents; allowed: spaces");
        return;
      case "-":
      case "?":
        this.keyAllowed = lexeme.length === 1;
        return;
      case ":":
      case "#":
      case "\ufeff":
        return;
      case "[":
      case "{":
        this.depth++;
        break;
      case "]":
      case "}":
        this.depth--;
        break;
      case "%":
        this.allow(directive, lexeme, "%YAML 1.1, %TAG, or no directive");
        break;
      case "&":
      case "*":
        this.allow(anchor, lexeme, "names of letters, digits, _ and -");
        break;
      case "!":
        this.allow(tag, lexeme, "tags such as !!str");
        break;
      case '"':
        this.escapes(lexeme.replaceAll("\\\\", ""));
        break;
    }
    this.keyAllowed = false;
  }

  /** Escapes in double quotes that the library takes and YAML 1.1 does not. */
  private escapes(quoted: string): void {
    if (/\\(u|U0000)[dD][89a-fA-F]/.test(quoted))
      throw this.fault("found half of a surrogate pair; allowed: characters, as \\U0001F600");
    if (quoted.includes("\\/")) throw this.fault("found the escape \\/; allowed: / as it is");
  }

  private allow(pattern: RegExp, lexeme: string, allowed: string): void {
    if (!pattern.test(lexeme))
      throw this.fault(`found ${JSON.stringify(lexeme.slice(0, 60))}; allowed: ${allowed}`);
  }

  private fault(message: string): YamlFault {
    return this.fail(this.offset, message);
  }
}
