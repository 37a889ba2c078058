import { readFileSync } from "node:fs";
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { parseConfig, type RawConfig, type ReadNodes } from "./parse";
import type { Locate, Path } from "./problems";
import type { Config } from "./types";

const namespace = "seamless:";

/**
 * Reads the configuration of a stack from its file, `Pulumi.<stack>.yaml`.
 * @throws SeamlessError when there is no such file or it is no YAML; ConfigError, with lines and columns, when the
 * configuration is invalid
 */
export function readStackConfig(file: string, readNodes?: ReadNodes): Config {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw new SeamlessError(`${file}: cannot be read: ${messageOf(thrown)}`, exitCode.usage);
  }
  return parseStackConfig(text, file, readNodes);
}

/** Like {@link readStackConfig}, for a text. @param file its name in messages */
export function parseStackConfig(text: string, file: string, readNodes?: ReadNodes): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const errors = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return `${file}:${line}:${col}: ${error.message}`;
    });
    throw new SeamlessError(errors.join("\n"), exitCode.usage);
  }
  const config: unknown = document.toJS()?.config;
  const entries = typeof config === "object" && config !== null ? Object.entries(config) : [];
  const raw: RawConfig = Object.fromEntries(
    entries
      .filter(([key]) => key.startsWith(namespace) && key !== `${namespace}tokens`)
      .map(([key, value]) => [key.slice(namespace.length), value]),
  );
  return parseConfig(raw, {
    locate: locator(document.contents, lines, file),
    ...(readNodes === undefined ? {} : { readNodes }),
  });
}

/** Finds the deepest part of a path that is in the file. */
function locator(root: Node | null, lines: LineCounter, file: string): Locate {
  return ([first = "", ...rest]: Path) => {
    let offset = 0;
    let node: unknown = root;
    for (const key of ["config", `${namespace}${first}`, ...rest]) {
      const pair = isMap(node) ? node.items.find((item) => keyOf(item) === key) : undefined;
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    }
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}
