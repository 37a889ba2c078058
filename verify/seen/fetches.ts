import { ask, parsed } from "../../components/ask/shell";
import type { Answer, ServiceAddress, Workload } from "../../components/ask/types";
import { curl, curlSilence } from "../../components/contract/probe";
import { datastoreNodes } from "../../components/kinds/models";
import { type Access, byCoe } from "../../plan/access";
import type { CoePlan } from "../../plan/types";
import { familyOf, withPort } from "../../util/net";
import { pairs, speakersOf } from "../coes";
import { parseProbe } from "../parse";
import type { Fetch, Intrusion, NameFetch, ProbeReply, ServiceFetch } from "../types";
import type { NameAnswers } from "./answers";
import { each, type Needed, type Probes } from "./each";

type Workloads = Readonly<Record<string, Answer<readonly Workload[]>>>;

/** One GET for each ordered pair of COEs, from the first probe of the one to the last of the other. */
export async function fetchAll(
  coes: readonly CoePlan[],
  probes: Probes,
  workloads: Workloads,
  needed: Needed,
): Promise<Record<string, Fetch>> {
  const tries = pairs(coes).flatMap(([from, to]) => {
    const client = running(workloads, from)[0];
    const server = running(workloads, to).at(-1);
    const probe = probes[from.name];
    if (client === undefined || server === undefined || probe === undefined) return [];
    const key = `${from.name}-to-${to.name}`;
    if (!needed.has(`fetches/${key}`)) return [];
    const run = async (): Promise<Fetch> => ({
      from: client,
      to: server,
      answer: parsed(await probe.fetch(client, urlOf(server)), parseProbe),
    });
    return [[key, run] as const];
  });
  return each(tries, ([, run]) => run());
}

/** How many connections it takes to be nearly sure of meeting two of three servers: all but one in 2000. */
const connections = 8;

/** GETs to the services that COEs announce, from the first probe of each other COE. */
export async function fetchServices(
  coes: readonly CoePlan[],
  probes: Probes,
  workloads: Workloads,
  services: Readonly<Record<string, Answer<readonly ServiceAddress[]>>>,
  needed: Needed,
): Promise<Record<string, ServiceFetch>> {
  const tries = pairs(coes).flatMap(([from, to]) => {
    const client = running(workloads, from)[0];
    const probe = probes[from.name];
    const addresses = services[to.name];
    if (client === undefined || probe === undefined || !addresses?.ok) return [];
    return addresses.value
      .filter(({ range }) => needed.has(`serviceFetches/${from.name}-to-${to.name}/${range}`))
      .map((service) => {
        const run = async (): Promise<ServiceFetch> => {
          const get = async () => parsed(await probe.fetch(client, urlOf(service)), parseProbe);
          const answers = await Promise.all(Array.from({ length: connections }, get));
          return { from: client, to: service, answers };
        };
        return [`${from.name}-to-${to.name}/${service.range}`, run] as const;
      });
  });
  return each(tries, ([, run]) => run());
}

/** Asks from a node of a COE for a name. */
type Resolve = (coe: string, host: string) => Promise<Answer<NameAnswers>>;

/**
 * One GET by name for each ordered pair of COEs of which the second has names for others.
 * @param resolve finds the IPv6 address that is asked then. Absent: whoever asks resolves the name by itself
 */
export async function fetchNames(
  coes: readonly CoePlan[],
  probes: Probes,
  workloads: Workloads,
  needed: Needed,
  resolve?: Resolve,
): Promise<Record<string, NameFetch>> {
  const tries = pairs(coes).flatMap(([from, to]) => {
    const client = running(workloads, from)[0];
    const probe = probes[from.name];
    const host = probes[to.name]?.host;
    const port = running(workloads, to)[0]?.port;
    if (client === undefined || probe === undefined || host === undefined || port === undefined)
      return [];
    const key = `${from.name}-to-${to.name}`;
    if (!needed.has(`nameFetches/${key}`)) return [];
    const get = async (address: string) =>
      parsed(await probe.fetch(client, urlOf({ address, port })), parseProbe);
    const run = async (): Promise<NameFetch> => ({
      from: client,
      to: { coe: to.name, host, port },
      answer: await (resolve === undefined
        ? get(host)
        : byIpv6(host, await resolve(from.name, host), get)),
    });
    return [[key, run] as const];
  });
  return each(tries, ([, run]) => run());
}

/** A GET to the IPv6 address that the COE's own name servers have for a name. */
async function byIpv6(
  host: string,
  answered: Answer<NameAnswers>,
  get: (address: string) => Promise<Answer<ProbeReply>>,
): Promise<Answer<ProbeReply>> {
  if (!answered.ok) return answered;
  const { asked, value } = answered;
  const lacking = Object.entries(value).filter(([, all]) =>
    all.every((one) => familyOf(one) !== 6),
  );
  const [server] = lacking[0] ?? [];
  if (server !== undefined)
    return { ok: false, asked, error: `${server} has no AAAA record of ${host}` };
  const [address] = Object.values(value).flatMap((all) => all.filter((one) => familyOf(one) === 6));
  return address === undefined
    ? { ok: false, asked, error: "no name server was asked" }
    : get(address);
}

/**
 * One GET to each COE from a node of another: it has routes to the containers, but is none. Nodes that are only
 * reached through their COE cannot be asked, for the image of the speaker there has no program for it.
 */
export async function intrudeAll(
  coes: readonly CoePlan[],
  access: Access,
  workloads: Workloads,
  needed: Needed,
): Promise<Record<string, Intrusion>> {
  const tries = coes.flatMap((to) => {
    const server = running(workloads, to)[0];
    const candidates = coes
      .filter((from) => from !== to)
      .flatMap((from) =>
        speakersOf(from).flatMap((node) => {
          const shell = access.coes[from.name]?.nodes[node.name];
          return shell === undefined || byCoe(shell) ? [] : [{ id: node.id, shell }];
        }),
      );
    const [host] = candidates;
    const wanted = needed.has(`intrusions/${to.name}`);
    if (server === undefined || host === undefined || !wanted) return [];
    const run = async (): Promise<Intrusion> => {
      const reply = await ask(host.shell, host.id, curl(urlOf(server)), undefined, curlSilence);
      return { from: host.id, to: server, answer: parsed(reply, parseProbe) };
    };
    return [[to.name, run] as const];
  });
  return each(tries, ([, run]) => run());
}

/** One GET to a node that may have a member of the package etcd, from a container of each COE, its own among them. */
export async function fetchDatastores(
  coes: readonly CoePlan[],
  probes: Probes,
  workloads: Workloads,
  needed: Needed,
): Promise<Record<string, Answer<string>>> {
  const tries = coes.flatMap((to) => {
    const [node] = datastoreNodes(to);
    if (node === undefined) return [];
    return coes.flatMap((from) => {
      const key = `${from.name}-to-${to.name}`;
      const client = running(workloads, from)[0];
      const probe = probes[from.name];
      if (client === undefined || probe === undefined || !needed.has(`datastores/${key}`))
        return [];
      const run = () => probe.fetch(client, `http://${withPort(node.address, node.port)}/health`);
      return [[key, run] as const];
    });
  });
  return each(tries, ([, run]) => run());
}

function running(workloads: Workloads, coe: CoePlan): readonly Workload[] {
  const answer = workloads[coe.name];
  return answer?.ok ? answer.value : [];
}

function urlOf(server: { readonly address: string; readonly port: number }): string {
  return `http://${withPort(server.address, server.port)}/`;
}
