import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";
import { SeamlessError } from "../../util/errors";
import { type Assignment, writtenValue } from "./missing";

interface Edit {
  readonly at: number;
  readonly text: string;
}

/**
 * Writes values into the text of a stack's file, and leaves every other character as it is.
 * @throws SeamlessError where a value would have to go into something that is no map of its own
 */
export function withAssigned(text: string, assigned: readonly Assignment[]): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  const edits = assigned.map((one, index) => ({ ...editFor(document.contents, one, text), index }));
  // From the end, so that places before stay what they are; of one place the last one first.
  return edits
    .sort((a, b) => b.at - a.at || b.index - a.index)
    .reduce((all, { at, text: added }) => `${all.slice(0, at)}${added}${all.slice(at)}`, text);
}

function editFor(top: unknown, { path, value }: Assignment, text: string): Edit {
  const [setting = "", ...keys] = path;
  const key = keys.pop() ?? "";
  let map = mapAt(top, (name) => name === "config");
  map = mapAt(map, (name) => name.replace(/^seamless:(config:)?/, "") === setting);
  for (const name of keys) map = mapAt(map, (one) => one === name);
  const [start] = map?.range ?? [];
  if (map === undefined || start === undefined)
    throw new SeamlessError(
      `${path.join(".")}: found an alias or a merge where it belongs; write ${key}: ${value} there by hand`,
    );
  const said = `${key}: ${writtenValue({ value })}`;
  if (map.flow === true) {
    if (map.items.length === 0) return { at: start + 1, text: ` ${said} ` };
    const spaced = /\s/.test(text[start + 1] ?? "");
    return { at: start + 1, text: spaced ? ` ${said},` : `${said}, ` };
  }
  const first = startOf(map.items[0]) ?? start;
  const line = text.lastIndexOf("\n", first - 1) + 1;
  const newline = text[line - 2] === "\r" ? "\r\n" : "\n";
  return { at: first, text: `${said}${newline}${" ".repeat(first - line)}` };
}

function startOf(pair: Pair | undefined): number | undefined {
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

function mapAt(map: unknown, wanted: (name: string) => boolean): YAMLMap | undefined {
  if (!isMap(map)) return undefined;
  const pair = map.items.find(({ key }) => isScalar(key) && wanted(String(key.value)));
  return isMap(pair?.value) ? pair.value : undefined;
}
