import type { Workload } from "../../components/ask/types";

/** One workload of each node, in the order of the nodes. */
export function onePerNode(workloads: readonly Workload[]): Workload[] {
  const byNode = new Map<string, Workload>();
  for (const one of workloads) if (!byNode.has(one.node)) byNode.set(one.node, one);
  return [...byNode.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
}

/**
 * Which workloads of one COE go to which of another, so that every node of both is on a trip: as many as the larger has
 * nodes. The way back is tried by the trips of the other COE, between the same nodes.
 * @param all every node with every other
 */
export function cover(
  from: readonly Workload[],
  to: readonly Workload[],
  all = false,
): [Workload, Workload][] {
  const [sources, targets] = [onePerNode(from), onePerNode(to)];
  const pairs = all
    ? sources.flatMap((source) => targets.map((target): [Workload, Workload] => [source, target]))
    : Array.from({ length: Math.max(sources.length, targets.length) }, (_, at) => {
        const [source, target] = [sources[at % sources.length], targets[at % targets.length]];
        return source === undefined || target === undefined ? [] : [[source, target] as const];
      }).flatMap((pair) => pair.map(([source, target]): [Workload, Workload] => [source, target]));
  return pairs.filter(([source, target]) => source.node !== target.node);
}
