import { Composer, type Node, visit } from "yaml";
import { decode, type Plain } from "./decode";
import { type Fail, YamlFault } from "./fault";
import { indented, type Pads } from "./indent";
import { lookUp, type Step } from "./locate";
import { syntaxOf } from "./tokens";
import { firstOddKey, isMapNode, offsetOf, type Part, targetsOf } from "./tree";

export { textOf } from "./bytes";
export type { Plain } from "./decode";
export { YamlFault } from "./fault";
export type { Step } from "./locate";

/** A document, and where things are in it. */
export interface Reading {
  readonly value: Plain;
  /** A fault at the deepest part of a path that is there. */
  readonly fault: (path: readonly Step[], message: string) => YamlFault;
  /** A fault at the first key that is no text, of the map at a path; undefined when all are. */
  readonly oddKey: (path: readonly Step[], message: string) => YamlFault | undefined;
}

/**
 * Reads the first document of a text as Pulumi does, by whose reader (Go's yaml.v3) others are not looked at.
 * @throws YamlFault at what cannot be read
 */
export function readYaml(text: string): Reading {
  // Every break of a line of YAML 1.1 as one that the library knows; lines and columns stay as they are.
  const lines = text.replace(/\r(?!\n)|[\u0085\u2028\u2029]/g, "\n");
  const { text: whole, pads } = indented(lines);
  try {
    return readWith(whole, pads);
  } catch (thrown) {
    // What is not closed at all is told where the library looked for its end.
    if (pads.size > 0) readWith(lines, new Map());
    throw thrown;
  }
}

function readWith(text: string, pads: Pads): Reading {
  try {
    return read(text, (offset, message) => new YamlFault(text, offset, message, pads));
  } catch (thrown) {
    // The stack is used up.
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new YamlFault(text, 0, tooDeep);
  }
}

const tooDeep = "found maps or lists too deep inside of each other";

function read(text: string, fault: Fail): Reading {
  const root = rootOf(text, fault);
  const targets = targetsOf(root, fault);
  return {
    value: decode(root, targets, fault),
    fault: (path, message) => fault(lookUp(root, targets, path).offset, message),
    oddKey: (path, message) => {
      const { node } = lookUp(root, targets, path);
      const odd = isMapNode(node) ? firstOddKey(node, targets) : undefined;
      return odd === undefined ? undefined : fault(offsetOf(odd.at), message);
    },
  };
}

/** The tree of the first document. What its scalars mean is left to ours. */
function rootOf(text: string, fault: Fail): Part {
  const composer = new Composer({
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = composer.compose(syntaxOf(text, fault), true, text.length);
  const { value: first } = documents.next();
  if (first === undefined || first === null) return null;
  // A comment may begin right after what needs no space to end.
  const error = first.errors.find(
    ({ message }) => !message.startsWith("Comments must be separated"),
  );
  if (error?.message.includes("call stack")) throw fault(error.pos[0], tooDeep);
  if (error !== undefined) throw fault(error.pos[0], error.message);
  const { contents } = first;
  if (!text.endsWith("\n")) trimLast(contents, text.length);
  return contents;
}

/** A block scalar that is cut off by the end of the text has no break of a line there, whatever it says of breaks. */
function trimLast(root: Node | null, end: number): void {
  visit(root, {
    Scalar: (_, node) => {
      const atEnd = node.type?.startsWith("BLOCK") && (node.range?.[1] ?? 0) >= end;
      if (atEnd && typeof node.value === "string") node.value = node.value.replace(/\n$/, "");
    },
  });
}
