import { linked } from "../../kernel/ends";
import type { Program } from "../../kernel/programs";
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
