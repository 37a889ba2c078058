import type { CoePlan, NodePlan, Plan } from "../../../plan/types";
import { endsOf } from "../../kernel/ends";
import { lookupsOf } from "../../kernel/lookup";
import type { NodeKernel } from "../../kernel/types";
import type { Observation } from "../../types";
import type { KernelView } from "./index";

/** The kernels that have answered, by the ids of their nodes. */
export function kernelsIn({ kernels = {} }: Observation): ReadonlyMap<string, NodeKernel> {
  return new Map(
    Object.entries(kernels).flatMap(([id, one]): [string, NodeKernel][] =>
      one.ok ? [[id, one.value]] : [],
    ),
  );
}

/** What a judge of a node's kernel works with. @param kernel what that node's has answered */
export function kernelView(
  plan: Plan,
  seen: Observation,
  coe: CoePlan,
  node: NodePlan,
  kernel: NodeKernel,
): KernelView {
  const ends = endsOf(plan, seen.workloads, seen.containers);
  return { plan, coe, node, kernel, ends, kernels: kernelsIn(seen), lookups: lookupsOf(kernel) };
}
