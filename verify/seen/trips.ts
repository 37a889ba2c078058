import { ask, parsed } from "../../components/ask/shell";
import type { Answer, Workload } from "../../components/ask/types";
import { type Access, byCoe } from "../../plan/access";
import { admits } from "../../plan/policy";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { contains } from "../../util/net";
import { nodeNetworks } from "../../util/ranges";
import { deployedCoes, speakersOf } from "../coes";
import { containerOn } from "../kernel/ends";
import { cover, onePerNode } from "../trips/cover";
import { parseTrips } from "../trips/parse";
import { inContainer, onNode, type Target } from "../trips/script";
import type { Trips } from "../trips/types";
import type { Need, Observation } from "../types";
import { each, type Needed, type Probes } from "./each";

/** What is asked for the trips of a node to a COE. @param all to every node of it */
export function tripsNeed(node: NodePlan, to: CoePlan, all: boolean): Need {
  return `trips/${node.id}->${to.name}${all ? "/all" : ""}`;
}

interface Leg {
  readonly key: string;
  readonly from: Workload;
  readonly to: readonly Workload[];
  readonly stranger: boolean;
  readonly targets: readonly Target[];
}

/** Sends containers to servers of other COEs: one program for each node, which makes all its trips at the same time. */
export async function collectTrips(
  plan: Plan,
  access: Access,
  probes: Probes,
  { workloads, containers }: Pick<Observation, "workloads" | "containers">,
  needed: Needed,
): Promise<Record<string, Trips>> {
  const coes = deployedCoes(plan);
  const running = (coe: CoePlan) => {
    const answer = workloads[coe.name];
    return answer?.ok ? answer.value : [];
  };
  const runs = coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const legs = coes.flatMap((to) =>
        [false, true].flatMap((all) => {
          if (!needed.has(tripsNeed(node, to, all))) return [];
          const pairs = cover(running(coe), running(to), all).filter(
            ([from]) => from.node === node.id,
          );
          const stranger = running(coe).every((one) => one.node !== node.id);
          const others = stranger ? strangers(coe, node, running(to), containers) : [];
          return legOf(plan, coe, to, node, all, stranger ? others : pairs, stranger);
        }),
      );
      return legs.length === 0 ? [] : [[node.id, { coe, node, legs }] as const];
    }),
  );
  const done = await each(runs, async ([, { coe, node, legs }]) => {
    const answer = await travel(access, probes, coe, node, legs);
    return legs.map(({ key, from, to, stranger }): [string, Trips] => [
      key,
      { from, to, ...(stranger ? { stranger } : {}), answer },
    ]);
  });
  return Object.fromEntries(Object.values(done).flat());
}

/** On a node without a probe another container goes, to one server; each node to another, as far as they go. */
function strangers(
  coe: CoePlan,
  node: NodePlan,
  servers: readonly Workload[],
  containers: Observation["containers"],
): [Workload, Workload][] {
  const one = containerOn(coe, node, containers);
  const others = onePerNode(servers).filter((server) => server.node !== node.id);
  const server = others[Object.keys(coe.nodes).indexOf(node.name) % Math.max(1, others.length)];
  if (one === undefined || server === undefined) return [];
  return [[{ ...one, coe: coe.name, port: 0 }, server]];
}

function legOf(
  plan: Plan,
  coe: CoePlan,
  to: CoePlan,
  node: NodePlan,
  all: boolean,
  pairs: readonly (readonly [Workload, Workload])[],
  stranger: boolean,
): Leg[] {
  const [first] = pairs;
  if (first === undefined) return [];
  const servers = pairs.map(([, server]) => server);
  const closed = !admits(to, coe);
  return [
    {
      key: `${node.id}->${to.name}${all ? "/all" : ""}`,
      ...{ from: first[0], to: servers, stranger },
      targets: servers.map(({ address, port, node: id }) => {
        const routers = routersBetween(plan, node, to, id);
        return { address, port, closed, ...(routers === undefined ? {} : { routers }) };
      }),
    },
  ];
}

/**
 * Two nodes of one network are the only routers between their containers, and between racks that have routers these are two more;
 * of others the plan does not say.
 */
export function routersBetween(
  plan: Plan,
  from: NodePlan,
  to: CoePlan,
  id: string,
): number | undefined {
  const other = Object.values(to.nodes).find((node) => node.id === id);
  const shared = nodeNetworks(plan).some(
    (range) => contains(range, from.address) && other && contains(range, other.address),
  );
  if (shared) return 2;
  const routed = [from.rack, other?.rack].every((rack) => hasRouter(plan, rack));
  return routed ? 4 : undefined;
}

function hasRouter({ reflectors }: Plan, rack: string | undefined): boolean {
  return rack !== undefined && Object.values(reflectors).some((one) => one.rack === rack);
}

async function travel(
  access: Access,
  probes: Probes,
  coe: CoePlan,
  node: NodePlan,
  legs: readonly Leg[],
): Promise<Trips["answer"]> {
  const targets = legs.flatMap((leg) => leg.targets);
  const [from] = legs.map((leg) => leg.from);
  const asked = `${node.id}: GET, 64 KiB and pings to ${targets.map(({ address }) => address).join(", ")} (as ${from?.name ?? ""})`;
  const none = (error: string) => ({ ok: false as const, asked, error, unasked: true as const });
  if (from === undefined) return none("no container");
  const said = await run(access, probes, coe, node, from, targets);
  return { ...parsed(said ?? none("no access to it in the stack outputs"), parseTrips), asked };
}

async function run(
  access: Access,
  probes: Probes,
  coe: CoePlan,
  node: NodePlan,
  from: Workload,
  targets: readonly Target[],
): Promise<Answer<string> | undefined> {
  const shell = access.coes[coe.name]?.nodes[node.name];
  if (shell !== undefined && !byCoe(shell))
    return ask(shell, node.id, onNode(from.address, targets));
  // Of containers that are no probes nobody knows what is in them.
  if (from.port === 0) return undefined;
  return probes[coe.name]?.inside?.(from, inContainer(targets));
}
