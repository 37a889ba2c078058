import type { Plan } from "../../../plan/types";
import { deployedCoes } from "../../coes";
import { endsOf, linked } from "../../kernel/ends";
import { lookupsOf } from "../../kernel/lookup";
import { type Program, programText } from "../../kernel/programs";
import type { NodeKernel } from "../../kernel/types";
import type { Observation } from "../../types";
import type { KernelView } from "./index";
import { exitTo, others } from "./ways";

/** Programs of eBPF on the devices that packets between containers pass on a node. */
export function programsOn(view: KernelView): readonly Program[] {
  const { programs = [] } = view.kernel;
  if (programs.length === 0) return [];
  const exits = others(view).map(({ node }) => exitTo(view, node)?.device);
  const devices = new Set([...linked(view).values(), ...exits]);
  return programs.filter(({ device }) => devices.has(device));
}

/**
 * What may explain a loss that no rule explains: programs of eBPF at the ends of a way, as the end of a sentence. Of a kernel that was
 * not asked nothing is known.
 * @param nodes their ids
 */
export function mayBeProgram(plan: Plan, seen: Observation, ...nodes: readonly string[]): string {
  const told = nodes.flatMap((id) => {
    const all = viewAt(plan, seen, id);
    const found = all === undefined ? [] : programsOn(all);
    return found.length === 0 ? [] : [`on ${id}: ${found.map(programText).join(", ")}`];
  });
  return told.length === 0
    ? ""
    : `; or a program of eBPF drops it, whose rules cannot be read: ${[...new Set(told)].join("; ")}`;
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
