import type { Access } from "../plan/access";
import type { CoePlan, Plan } from "../plan/types";
import { pairs, speakersOf } from "./checks";
import { kindProbes } from "./kinds";
import type { KindProbe } from "./kinds/types";
import { parseNeighbours, parseProbe, parseRib, parseRoutes } from "./parse";
import { ask, parsed } from "./shell";
import type { Answer, Fetch, KernelRoute, Observation, Workload } from "./types";

/** Whoever can be asked about the engines; made once, used for every round. */
export type Probes = Readonly<Record<string, KindProbe>>;

/** Makes the probes of all deployed engines. @param scratch a private folder for files such as kubeconfigs */
export async function makeProbes(plan: Plan, access: Access, scratch: string): Promise<Probes> {
  const probes: Record<string, KindProbe> = {};
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
  const [neighbours, rib, routes, workloads] = await Promise.all([
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
  ]);
  return { neighbours, rib, routes, workloads, fetches: await fetchAll(coes, probes, workloads) };
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

/** One GET for each ordered pair of engines, from the first probe of the one to the last of the other. */
async function fetchAll(
  coes: readonly CoePlan[],
  probes: Probes,
  workloads: Readonly<Record<string, Answer<readonly Workload[]>>>,
): Promise<Record<string, Fetch>> {
  const running = (coe: CoePlan) => {
    const answer = workloads[coe.name];
    return answer?.ok ? answer.value : [];
  };
  const tries = pairs(coes).flatMap(([from, to]) => {
    const client = running(from)[0];
    const server = running(to).at(-1);
    const probe = probes[from.name];
    if (client === undefined || server === undefined || probe === undefined) return [];
    const run = async (): Promise<Fetch> => {
      const url = `http://${server.address}:${server.port}/`;
      return {
        from: client,
        to: server,
        answer: parsed(await probe.fetch(client, url), parseProbe),
      };
    };
    return [[`${from.name}-to-${to.name}`, run] as const];
  });
  return each(tries, ([, run]) => run());
}

/** Maps entries to a record at the same time, keeping their keys. */
async function each<E extends readonly [string, unknown], T>(
  entries: readonly E[],
  get: (entry: E) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(
    await Promise.all(entries.map(async (entry) => [entry[0], await get(entry)] as const)),
  );
}

function now(): number {
  return Date.now() / 1000;
}
