import type { Access } from "../plan/access";
import type { CoePlan, Plan } from "../plan/types";
import { speakersOf } from "./checks";
import { each, fetchAll, fetchNames, fetchServices, intrudeAll, type Probes } from "./fetch";
import { kindProbes } from "./kinds";
import { parseNeighbours, parseRib, parseRoutes } from "./parse";
import { ask, parsed } from "./shell";
import type { Answer, KernelRoute, Observation, ServiceAddress, Workload } from "./types";

/** Makes the probes of all deployed engines. @param scratch a private folder for files such as kubeconfigs */
export async function makeProbes(plan: Plan, access: Access, scratch: string): Promise<Probes> {
  const probes: Record<string, Probes[string]> = {};
  for (const coe of deployedCoes(plan)) {
    const make = kindProbes[coe.kind];
    const coeAccess = access.coes[coe.name];
    if (make && coeAccess) probes[coe.name] = await make(coe, coeAccess, scratch);
  }
  return probes;
}

/** Asks everybody once, at the same time. An answer that fails is part of what is seen, not an error. */
export async function collect(
  plan: Plan,
  access: Access,
  probes: Probes,
  withProbe: ReadonlySet<string>,
): Promise<Observation> {
  const coes = deployedCoes(plan);
  const [neighbours, rib, routes, workloads, services, addons] = await Promise.all([
    each(Object.entries(access.reflectors), async ([name, shell]) =>
      parsed(await ask(shell, name, ["gobgp", "-j", "neighbor"]), (text) =>
        parseNeighbours(text, now()),
      ),
    ),
    each(Object.entries(access.reflectors), async ([name, shell]) =>
      parsed(await ask(shell, name, ["gobgp", "-j", "global", "rib"]), (text) =>
        parseRib(text, now()),
      ),
    ),
    collectRoutes(coes, access, probes),
    collectWorkloads(coes, probes, withProbe),
    collectServices(coes, probes, withProbe),
    collectAddons(coes, probes),
  ]);
  const [fetches, serviceFetches, nameFetches, intrusions] = await Promise.all([
    fetchAll(coes, probes, workloads),
    fetchServices(coes, probes, workloads, services),
    fetchNames(coes, probes, workloads),
    intrudeAll(coes, access, workloads),
  ]);
  return {
    ...{ neighbours, rib, routes, workloads, services, addons },
    ...{ fetches, serviceFetches, nameFetches, intrusions },
  };
}

function deployedCoes(plan: Plan): CoePlan[] {
  return Object.values(plan.coes).filter((coe) => coe.deployed);
}

async function collectRoutes(
  coes: readonly CoePlan[],
  access: Access,
  probes: Probes,
): Promise<Record<string, Answer<readonly KernelRoute[]>>> {
  const argv = ["ip", "-j", "-4", "route", "show"];
  const asked = coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const shell = access.coes[coe.name]?.nodes[node.name];
      if (shell === undefined) return [];
      const viaKubectl = (args: readonly string[]) =>
        probes[coe.name]?.onNode?.(node.name, args) ??
        Promise.resolve({ ok: false as const, asked: node.id, error: "no kubectl access" });
      const get = async () => parsed(await ask(shell, node.id, argv, viaKubectl), parseRoutes);
      return [[node.id, get] as const];
    }),
  );
  return each(asked, ([, get]) => get());
}

async function collectWorkloads(
  coes: readonly CoePlan[],
  probes: Probes,
  withProbe: ReadonlySet<string>,
): Promise<Record<string, Answer<readonly Workload[]>>> {
  const asked = coes.flatMap((coe) => {
    const probe = probes[coe.name];
    return probe === undefined || !withProbe.has(coe.name) ? [] : [[coe.name, probe] as const];
  });
  return each(asked, ([, probe]) => probe.workloads());
}

async function collectServices(
  coes: readonly CoePlan[],
  probes: Probes,
  withProbe: ReadonlySet<string>,
): Promise<Record<string, Answer<readonly ServiceAddress[]>>> {
  const asked = coes.flatMap((coe) => {
    const services = probes[coe.name]?.services;
    const announced = Object.keys(coe.announced).length > 0 && withProbe.has(coe.name);
    return services === undefined || !announced ? [] : [[coe.name, services] as const];
  });
  return each(asked, ([, services]) => services());
}

async function collectAddons(
  coes: readonly CoePlan[],
  probes: Probes,
): Promise<Record<string, Answer<string>>> {
  const asked = coes.flatMap((coe) =>
    [...coe.addons, ...(coe.packages ?? [])].flatMap((name) => {
      const probe = probes[coe.name];
      if (probe?.addon === undefined) return [];
      const use = probe.addon.bind(probe, name);
      return [[`${coe.name}/${name}`, use] as const];
    }),
  );
  return each(asked, ([, use]) => use());
}

function now(): number {
  return Date.now() / 1000;
}
