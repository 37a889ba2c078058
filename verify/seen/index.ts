import type { RouterAsk, RouterTable, RouterTables } from "../components/ask/router";
import { ask, askRouter, parsed } from "../components/ask/shell";
import type { Answer, ServiceAddress, Workload } from "../components/ask/types";
import { facetOf } from "../components/contract/facet";
import type { MakeProbe } from "../components/contract/probe";
import type { Access } from "../plan/access";
import type { CoePlan, Plan } from "../plan/types";
import { speakersOf } from "./checks";
import {
  each,
  fetchAll,
  fetchDatastores,
  fetchNames,
  fetchServices,
  intrudeAll,
  type Probes,
} from "./fetch";
import type { StackOutputs } from "./outputs";
import { parseRoutes } from "./parse";
import type { KernelRoute, Need, Observation } from "./types";

/** By kind of COE: what makes the probe of one. */
export type ProbeKinds = Readonly<Record<string, { readonly probe: MakeProbe }>>;

/** How a reflector of a kind is asked. */
export type RouterKinds = (kind: string | undefined) => RouterAsk;

/** Makes the probes of all deployed COEs. @param scratch a private folder for files with secrets */
export async function makeProbes(
  plan: Plan,
  access: Access,
  kinds: ProbeKinds,
  scratch: string,
): Promise<Probes> {
  const probes: Record<string, Probes[string]> = {};
  for (const coe of deployedCoes(plan)) {
    const coeAccess = access.coes[coe.name];
    if (coeAccess !== undefined)
      probes[coe.name] = await facetOf(kinds, coe).probe(coe, coeAccess, scratch);
  }
  return probes;
}

/** What is to be asked; the rest is left alone. */
type Needed = ReadonlySet<Need>;

/**
 * Asks everybody who is needed once, at the same time. An answer that fails is part of what is seen, not an error.
 * @param needed what the chosen checks need
 * @param routerOf how a reflector of a kind is asked
 */
export async function collect(
  { plan, access, probes: probed }: StackOutputs,
  probes: Probes,
  needed: Needed,
  routerOf: RouterKinds,
): Promise<Observation> {
  const coes = deployedCoes(plan);
  const withProbe = new Set(probed);
  const [neighbours, rib, routes, workloads, services, addons] = await Promise.all([
    askReflectors("neighbours", plan, access, routerOf, needed, ({ neighbours }) => neighbours),
    askReflectors("rib", plan, access, routerOf, needed, ({ rib }) => rib),
    collectRoutes(coes, access, probes, needed),
    collectWorkloads(coes, probes, withProbe, needed),
    collectServices(coes, probes, withProbe, needed),
    collectAddons(coes, probes, needed),
  ]);
  const [fetches, serviceFetches, nameFetches, intrusions, datastores] = await Promise.all([
    fetchAll(coes, probes, workloads, needed),
    fetchServices(coes, probes, workloads, services, needed),
    fetchNames(coes, probes, workloads, needed),
    intrudeAll(coes, access, workloads, needed),
    fetchDatastores(coes, probes, workloads, needed),
  ]);
  return {
    ...{ neighbours, rib, routes, workloads, services, addons },
    ...{ fetches, serviceFetches, nameFetches, intrusions, datastores },
  };
}

function askReflectors<T>(
  part: "neighbours" | "rib",
  plan: Plan,
  access: Access,
  routerOf: RouterKinds,
  needed: Needed,
  tableOf: (tables: RouterTables) => RouterTable<T>,
): Promise<Record<string, Answer<readonly T[]>>> {
  const asked = Object.entries(access.reflectors).filter(([name]) => needed.has(`${part}/${name}`));
  return each(asked, async ([name, shell]) => {
    const { client, tables } = routerOf(plan.reflectors[name]?.kind);
    const { args, parse } = tableOf(tables);
    return parsed(await askRouter(client, shell, name, args), (text) => parse(text, now()));
  });
}

function deployedCoes(plan: Plan): CoePlan[] {
  return Object.values(plan.coes).filter((coe) => coe.deployed);
}

async function collectRoutes(
  coes: readonly CoePlan[],
  access: Access,
  probes: Probes,
  needed: Needed,
): Promise<Record<string, Answer<readonly KernelRoute[]>>> {
  const argv = ["ip", "-j", "-4", "route", "show"];
  const asked = coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const shell = access.coes[coe.name]?.nodes[node.name];
      if (shell === undefined || !needed.has(`routes/${node.id}`)) return [];
      const viaCoe = (args: readonly string[]) =>
        probes[coe.name]?.onNode?.(node.name, args) ??
        Promise.resolve({
          ok: false as const,
          asked: node.id,
          error: "no access to the COE that reaches its nodes",
        });
      const get = async () => parsed(await ask(shell, node.id, argv, viaCoe), parseRoutes);
      return [[node.id, get] as const];
    }),
  );
  return each(asked, ([, get]) => get());
}

async function collectWorkloads(
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

async function collectServices(
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

async function collectAddons(
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

function now(): number {
  return Date.now() / 1000;
}
