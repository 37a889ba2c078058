import type { Plan } from "../../../plan/types";
import { deployedCoes } from "../../coes";
import { placeOf } from "../../kernel/mend";
import { programText } from "../../kernel/programs";
import type { Observation } from "../../types";
import { suspectRules } from "./firewall";
import type { KernelView } from "./index";
import { programsOn } from "./programs";
import { kernelView } from "./view";

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
  const rules = told((view) =>
    suspectRules(view)
      .slice(0, shown)
      .map((one) => placeOf(one)),
  );
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
  return kernelView(plan, seen, coe, node, answer.value);
}
