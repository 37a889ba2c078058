/** What the nodes of a parsed document are, before anything is made of them. */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Fail, YamlFault } from "./fault";
import { type Resolved, resolve } from "./scalars";

export type Part = Node | null | undefined;
export type MapNode = YAMLMap<Node, Node | null>;
/** The node that each alias stands for. */
export type Targets = ReadonlyMap<Alias, Node>;

export function isMapNode(node: unknown): node is MapNode {
  return isMap<Node, Node | null>(node);
}

/** An alias stands for the last anchor of its name before it. @throws YamlFault where there is none */
export function targetsOf(root: Part, fault: Fail): Targets {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const walk = (node: Part): void => {
    if (node === null || node === undefined) return;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) throw dangling(node, fault);
      targets.set(node, target);
      return;
    }
    if ("anchor" in node && typeof node.anchor === "string") anchors.set(node.anchor, node);
    if (isMapNode(node))
      for (const pair of node.items) {
        if (isKeyless(pair)) throw fault(offsetOf(pair.value), "found no key before :");
        walk(pair.key);
        walk(pair.value);
      }
    else if (isSeq<Node>(node)) for (const item of node.items) walk(item);
  };
  walk(root);
  return targets;
}

/** Whether a pair has nothing at all before its colon. */
function isKeyless({ key, srcToken }: Pair<Node, Node | null>): boolean {
  const empty = key === null || (isScalar(key) && key.source === "" && isBare(key));
  return empty && !srcToken?.start.some(({ type }) => type === "explicit-key-ind");
}

function isBare({ type, anchor, tag }: Scalar): boolean {
  return type === "PLAIN" && anchor === undefined && tag === undefined;
}

function dangling(node: Alias, fault: Fail): YamlFault {
  const name = cut(node.source);
  return fault(offsetOf(node), `found the alias *${name} and no anchor &${name} before it`);
}

const longPrefix = "tag:yaml.org,2002:";

/** The short form of a scalar's tag; empty for a plain one without, undefined for a quoted one without. */
export function tagOf({ tag, type }: Scalar): string | undefined {
  const plain = type === "PLAIN" || type === undefined;
  if (tag === undefined || tag === "!") return plain ? "" : undefined;
  return tag.startsWith(longPrefix) ? `!!${tag.slice(longPrefix.length)}` : tag;
}

/** The text of a scalar, whatever it means. */
export function textOf(node: Part): string {
  return isScalar(node) ? String(node.value ?? "") : "";
}

/** What a scalar is; undefined when it is not what its tag says. */
export function scalarOf(node: Part): Resolved | undefined {
  if (!isScalar(node)) return { tag: "!!null", value: null };
  const tag = tagOf(node);
  const text = textOf(node);
  if (tag === undefined) return { tag: "!!str", value: text };
  return tag === "!!binary" ? binary(text) : resolve(tag, text);
}

function binary(text: string): Resolved | undefined {
  const digits = text.replace(/[\r\n]/g, "");
  const good = digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
  const value = Buffer.from(digits, "base64").toString("utf8");
  return good ? { tag: "!!binary", value } : undefined;
}

export function isMerge(node: Part): boolean {
  if (!isScalar(node) || textOf(node) !== "<<") return false;
  const tag = tagOf(node);
  return tag === "" || tag === "!!merge";
}

/** The first key of a map that is no text. */
export function firstOddKey(node: MapNode, targets: Targets): { readonly at: Part } | undefined {
  const odd = node.items.find(({ key }) => {
    const target = isAlias(key) ? targets.get(key) : key;
    return !isMerge(target) && (!isScalar(target) || scalarOf(target)?.tag !== "!!str");
  });
  return odd === undefined ? undefined : { at: odd.key };
}

export function offsetOf(node: Part): number {
  return node?.range?.[0] ?? 0;
}

/** What is told of a text that may be long. */
export function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
