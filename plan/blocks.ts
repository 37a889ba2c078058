/** Which block leads to a container: one that IPAM gives to a node, or the range that is the node's own. */
import { contains, type Family, formatPrefix, parseAddress, prefix, prefixOf } from "../util/net";
import { blockSizeIn, inFamily, listOf, podRanges } from "../util/ranges";
import type { CoePlan, NodePlan } from "./types";

/** The ranges that are a node's own, at most one of each family; none where nodes take blocks. */
export function nodeRanges({ podCidr }: Pick<NodePlan, "podCidr">): readonly string[] {
  return listOf(podCidr);
}

/** Whether the nodes of a COE have ranges of their own in place of blocks that IPAM gives out. */
export function hasOwnRanges({ nodes }: Pick<CoePlan, "nodes">): boolean {
  return Object.values(nodes).some(({ podCidr }) => podCidr !== undefined);
}

/** The node that has an address in its own range; undefined where none has, and where nodes take blocks. */
export function nodeAt({ nodes }: Pick<CoePlan, "nodes">, address: string): NodePlan | undefined {
  return Object.values(nodes).find((node) =>
    nodeRanges(node).some((range) => contains(range, address)),
  );
}

/** A block of a node in a family, or in that of the COE's first range: where nodes take blocks, the first stands for any. */
export function blockOf(coe: CoePlan, node?: NodePlan, family?: Family): string {
  const ranges = podRanges(coe);
  const [range = "0.0.0.0/0"] = family === undefined ? ranges : inFamily(ranges, family);
  const [own] = node === undefined ? [] : inFamily(nodeRanges(node), prefix(range).family);
  return own ?? formatPrefix({ ...prefix(range), length: blockSizeIn(coe, range) });
}

/** The block that holds an address of a COE's containers. */
export function blockAt(coe: CoePlan, address: string): string {
  const node = nodeAt(coe, address);
  const own = node === undefined ? [] : nodeRanges(node);
  const range = own.find((one) => contains(one, address));
  if (range !== undefined) return range;
  const at = parseAddress(address);
  return at === undefined ? blockOf(coe) : formatPrefix(prefixOf(at, blockSizeIn(coe, address)));
}

/** Whether a prefix is a block of a COE, as opposed to a single address of one. */
export function isBlock(coe: CoePlan, text: string): boolean {
  if (!hasOwnRanges(coe)) return text.endsWith(`/${blockSizeIn(coe, text)}`);
  return Object.values(coe.nodes).some((node) => nodeRanges(node).includes(text));
}
