import { isAlias, isScalar, isSeq, type Node } from "yaml";
import { printed } from "./scalars";
import { isMapNode, isMerge, offsetOf, type Part, scalarOf, type Targets } from "./tree";

/** One step of a path: whether a key, as it is in the end, is meant. */
export type Step = (key: string) => boolean;

/** Merges of merges that are looked into. */
const mostMerges = 100;

/** The deepest part of a path that a document has: its offset, and what is there when that is the whole path. */
export function lookUp(
  root: Part,
  targets: Targets,
  path: readonly Step[],
): { readonly offset: number; readonly node?: Part } {
  let offset = 0;
  let node = root;
  for (const step of path) {
    const found = entryOf(node, targets, step, mostMerges);
    if (found === undefined) return { offset };
    offset = offsetOf(found.at);
    node = found.value;
  }
  return { offset, node: isAlias(node) ? targets.get(node) : node };
}

interface Entry {
  readonly at: Part;
  readonly value: Part;
}

/** The entry of a map, or else of what is merged into it; an item of a list. */
function entryOf(of: Part, targets: Targets, step: Step, merges: number): Entry | undefined {
  const through = (node: Part) => (isAlias(node) ? targets.get(node) : node);
  const node = through(of);
  if (isSeq<Node>(node)) {
    const item = node.items.find((_, index) => step(String(index)));
    return item === undefined ? undefined : { at: item, value: item };
  }
  if (!isMapNode(node)) return undefined;
  for (const { key: at, value } of node.items) {
    const key = through(at);
    const scalar = isScalar(key) ? scalarOf(key) : undefined;
    if (scalar !== undefined && !isMerge(key) && step(printed(scalar))) return { at, value };
  }
  const merged = node.items.find(({ key }) => isMerge(key))?.value;
  if (merged === undefined || merges === 0) return undefined;
  for (const source of isSeq<Node>(merged) ? merged.items : [merged]) {
    const found = entryOf(source, targets, step, merges - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
