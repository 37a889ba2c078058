import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import type { Fail, YamlFault } from "./fault";
import { printed, type Resolved } from "./scalars";
import {
  cut,
  firstOddKey,
  isMapNode,
  isMerge,
  type MapNode,
  offsetOf,
  type Part,
  scalarOf,
  type Targets,
  tagOf,
  textOf,
} from "./tree";

/** What a document says, as JSON has it. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** A document may be made of aliases while it is small, and less and less of them up to a large one. */
const smallDocument = 400_000;
const largeDocument = 4_000_000;

/** @throws YamlFault where a document cannot be made of its text */
export function decode(root: Part, targets: Targets, fault: Fail): Plain {
  return new Decoder(targets, fault).value(root);
}

/** A key: what tells it from others while a map is read, and how it is written in the end. */
interface Key {
  readonly id: string;
  readonly text: string;
}

interface Filling {
  readonly entries: Map<string, { readonly key: string; readonly value: Plain; readonly at: Part }>;
  /** Whether all keys of the map are texts: then those merged into it are, whatever they look like. */
  readonly asText: boolean;
  /** In a merge: the keys that are there already. */
  readonly taken?: Set<string>;
}

/** Makes values of nodes step by step as Go's yaml.v3 does, so that it stops at the same places. */
class Decoder {
  private steps = 0;
  private aliasSteps = 0;
  private depth = 0;
  private readonly open = new Set<Alias>();

  constructor(
    private readonly targets: Targets,
    private readonly fail: Fail,
  ) {}

  value(node: Part): Plain {
    this.step(node);
    if (isAlias(node)) return this.through(node, (target) => this.value(target));
    if (isMapNode(node)) return this.map(node);
    if (isSeq<Node>(node)) return node.items.map((item) => this.value(item));
    return plainOf(this.scalar(node));
  }

  private map(node: MapNode): Plain {
    const asText = firstOddKey(node, this.targets) === undefined;
    const filling: Filling = { entries: new Map(), asText };
    this.fill(filling, node);
    const seen = new Set<string>();
    const plain = [...filling.entries.values()].map(({ key, value, at }): [string, Plain] => {
      if (seen.has(key)) throw this.twice(at, key);
      seen.add(key);
      return [key, value];
    });
    return Object.fromEntries(plain);
  }

  private fill(filling: Filling, node: MapNode): void {
    this.spelledOnce(node);
    const { entries, taken, asText } = filling;
    let merged: Part;
    for (const { key: at, value } of node.items) {
      if (isMerge(at)) {
        merged = value ?? null;
        continue;
      }
      const key = this.key(at, asText);
      if (key === undefined || taken?.has(key.id)) continue;
      taken?.add(key.id);
      entries.set(key.id, { key: key.text, value: this.value(value), at });
    }
    if (merged !== undefined) this.merge(filling, node, merged);
  }

  /** What a map has itself goes before what is merged into it, and what is merged first before the rest. */
  private merge(filling: Filling, node: MapNode, from: Part): void {
    const own = () => new Set(node.items.map(({ key }) => this.key(key, false)?.id ?? ""));
    const into = { ...filling, taken: filling.taken ?? own() };
    for (const source of isSeq<Node>(from) ? from.items : [from]) {
      const target = isAlias(source) ? this.targets.get(source) : source;
      if (!isMapNode(target))
        throw this.fault(
          source ?? node,
          "found a merge (<<) of something that is no map; allowed: an alias of a map, or a list of such",
        );
      this.step(source);
      if (isAlias(source))
        this.through(source, () => {
          this.step(target);
          this.fill(into, target);
        });
      else this.fill(into, target);
    }
  }

  private key(node: Part, asText: boolean): Key | undefined {
    this.step(node);
    if (isAlias(node)) return this.through(node, (target) => this.key(target, asText));
    if (isMap(node) || isSeq(node)) throw this.fault(node, "found a map or a list as a key");
    const scalar = this.scalar(node);
    if (!asText) return { id: `${typeof scalar.value}:${printed(scalar)}`, text: printed(scalar) };
    if (scalar.value === null) return undefined;
    const text = typeof scalar.value === "string" ? scalar.value : textOf(node);
    return { id: `string:${text}`, text };
  }

  private scalar(node: Part): Resolved {
    const found = scalarOf(node);
    if (found !== undefined) return found;
    const tag = isScalar(node) ? tagOf(node) : "";
    throw this.fault(node, `found ${JSON.stringify(cut(textOf(node)))}, which is no ${tag}`);
  }

  /** No two keys of a map may be spelled alike, whatever they mean. */
  private spelledOnce(node: MapNode): void {
    const seen = new Set<string>();
    for (const { key } of node.items) {
      const spelled = isAlias(key) ? `*${key.source}` : `=${textOf(key)}`;
      if (seen.has(spelled)) throw this.twice(key, spelled.slice(1));
      seen.add(spelled);
    }
  }

  private through<T>(alias: Alias, use: (target: Node) => T): T {
    const target = this.targets.get(alias);
    if (target === undefined || this.open.has(alias))
      throw this.fault(alias, `found the alias *${cut(alias.source)} inside of what it stands for`);
    this.open.add(alias);
    this.depth++;
    const found = use(target);
    this.depth--;
    this.open.delete(alias);
    return found;
  }

  private step(node: Part): void {
    this.steps++;
    if (this.depth > 0) this.aliasSteps++;
    if (this.aliasSteps <= 100 || this.steps <= 1000) return;
    const size = (this.steps - smallDocument) / (largeDocument - smallDocument);
    const allowed = 0.99 - 0.89 * Math.min(1, Math.max(0, size));
    if (this.aliasSteps / this.steps > allowed)
      throw this.fault(node, "found too many aliases of aliases; write the values out");
  }

  private twice(node: Part, key: string): YamlFault {
    return this.fault(
      node,
      `found the key ${JSON.stringify(cut(key))} twice; allowed: each key once`,
    );
  }

  private fault(node: Part, message: string): YamlFault {
    return this.fail(offsetOf(node), message);
  }
}

function plainOf(scalar: Resolved): Plain {
  const { value } = scalar;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return printed(scalar);
  // Go writes -0.0 as -0 and reads that as a whole number.
  return value === 0 ? 0 : value;
}
