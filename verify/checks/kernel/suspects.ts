import type { Plan } from "../../../plan/types";
import { deployedCoes } from "../../coes";
import { endsOf } from "../../kernel/ends";
import { lookupsOf } from "../../kernel/lookup";
import { placeOf } from "../../kernel/mend";
import { programText } from "../../kernel/programs";
import type { NodeKernel } from "../../kernel/types";
import type { Observation } from "../../types";
import { suspectRules } from "./firewall";
import type { KernelView } from "./index";
import { programsOn } from "./programs";

/** How many rules of a node are told. */
const shown = 3;

/**
 * What may explain a loss that no known rule explains, as the end of a sentence: programs of eBPF at the ends of a way, and rules
 * that look at what is not known here. Of a kernel that was not asked nothing is known.
 * @param nodes their ids
 */
export function mayBeElse(plan: Plan, seen: Observation, ...nodes: readonly string[]): string {
  const views = [...new Set(nodes)].flatMap((id) => viewAt(plan, seen, id) ?? []);
  const told = (of: (view: KernelView) => readonly string[]) =>
    views.flatMap((view) => {
      const found = of(view);
      return found.length === 0 ? [] : [`on ${view.node.id}: ${found.join(", ")}`];
    });
  const programs = told((view) => programsOn(view).map(programText));
  const rules = told((view) => suspectRules(view).slice(0, shown).map(placeOf));
  return [
    ...(programs.length === 0
      ? []
      : [`; or a program of eBPF drops it, whose rules cannot be read: ${programs.join("; ")}`]),
    ...(rules.length === 0
      ? []
      : [`; or a rule does that looks at what is not known here: ${rules.join("; ")}`]),
  ].join("");
}

function viewAt(plan: Plan, seen: Observation, id: string): KernelView | undefined {
  const answer = seen.kernels?.[id];
  const coe = deployedCoes(plan).find(({ name }) => id.startsWith(`${name}/`));
  const node = Object.values(coe?.nodes ?? {}).find((one) => one.id === id);
  if (!answer?.ok || coe === undefined || node === undefined) return undefined;
  const kernels = new Map(
    Object.entries(seen.kernels ?? {}).flatMap(([name, one]): [string, NodeKernel][] =>
      one.ok ? [[name, one.value]] : [],
    ),
  );
  const ends = endsOf(plan, seen.workloads, seen.containers);
  const kernel = answer.value;
  return { plan, coe, node, kernel, kernels, ends, lookups: lookupsOf(kernel) };
}
