import type { CoePlan, NodePlan } from "../../../plan/types";
import type { NodeStub } from "./shapes";

/** The node of the plan that one of the cluster's is: by its address, or else by its name. */
export function plannedNode(coe: CoePlan, stub: NodeStub): NodePlan | undefined {
  const nodes = Object.values(coe.nodes);
  return (
    nodes.find(({ address, address6 }) => [address, address6].includes(stub.Address)) ??
    nodes.find(({ name }) => name === stub.Name)
  );
}

/** Of several nodes with one address the one that is ready: a client that was made anew has another id. */
export function newestFirst(stubs: readonly NodeStub[]): NodeStub[] {
  const rank = ({ Status }: NodeStub) => (Status === "ready" ? 0 : 1);
  return [...stubs].sort((a, b) => rank(a) - rank(b) || (a.Name < b.Name ? -1 : 1));
}

/** By the name of a node of the plan, what the cluster says of it. */
export function stubsByName(
  coe: CoePlan,
  stubs: readonly NodeStub[],
): ReadonlyMap<string, NodeStub> {
  const found = new Map<string, NodeStub>();
  for (const stub of newestFirst(stubs)) {
    const node = plannedNode(coe, stub);
    if (node !== undefined && !found.has(node.name)) found.set(node.name, stub);
  }
  return found;
}
