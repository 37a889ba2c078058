import type { Answer, ServiceAddress, Workload } from "../../components/ask/types";
import type { CoePlan } from "../../plan/types";
import { each, type Needed, type Probes } from "./each";

/** Asks the COEs for the running probes. */
export async function collectWorkloads(
  coes: readonly CoePlan[],
  probes: Probes,
  withProbe: ReadonlySet<string>,
  needed: Needed,
): Promise<Record<string, Answer<readonly Workload[]>>> {
  const asked = coes.flatMap((coe) => {
    const probe = probes[coe.name];
    const wanted = withProbe.has(coe.name) && needed.has(`workloads/${coe.name}`);
    return probe === undefined || !wanted ? [] : [[coe.name, probe] as const];
  });
  return each(asked, ([, probe]) => probe.workloads());
}

/** Asks the COEs for the addresses of the services in front of the probes. */
export async function collectServices(
  coes: readonly CoePlan[],
  probes: Probes,
  withProbe: ReadonlySet<string>,
  needed: Needed,
): Promise<Record<string, Answer<readonly ServiceAddress[]>>> {
  const asked = coes.flatMap((coe) => {
    const services = probes[coe.name]?.services;
    const announced = Object.keys(coe.announced).length > 0 && withProbe.has(coe.name);
    const wanted = announced && needed.has(`services/${coe.name}`);
    return services === undefined || !wanted ? [] : [[coe.name, services] as const];
  });
  return each(asked, ([, services]) => services());
}

/** Uses add-ons and packages. */
export async function collectAddons(
  coes: readonly CoePlan[],
  probes: Probes,
  needed: Needed,
): Promise<Record<string, Answer<string>>> {
  const asked = coes.flatMap((coe) =>
    [...coe.addons, ...(coe.packages ?? [])].flatMap((name) => {
      const probe = probes[coe.name];
      if (probe?.addon === undefined || !needed.has(`addons/${coe.name}/${name}`)) return [];
      const use = probe.addon.bind(probe, name);
      return [[`${coe.name}/${name}`, use] as const];
    }),
  );
  return each(asked, ([, use]) => use());
}
