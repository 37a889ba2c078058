import type { Access } from "../../plan/access";
import type { Plan } from "../../plan/types";
import type { End } from "../kernel/ends";
import type { Observation } from "../types";
import type { Needed, Probes } from "./each";
import { collectKernels, mainRoutes } from "./kernels";
import { collectTrips } from "./trips";

/**
 * What packets between containers meet on the way, and what becomes of them.
 * @param ends between which the kernels are asked for the way
 */
export async function collectPaths(
  plan: Plan,
  access: Access,
  probes: Probes,
  ends: readonly End[],
  { workloads, containers }: Pick<Observation, "workloads" | "containers">,
  needed: Needed,
): Promise<Pick<Observation, "kernels" | "trips" | "routes">> {
  const [kernels, trips] = await Promise.all([
    collectKernels(plan, access, probes, ends, needed),
    collectTrips(plan, access, probes, { workloads, containers }, needed),
  ]);
  return { kernels, trips, routes: mainRoutes(kernels) };
}
