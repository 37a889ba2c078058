import type { CoeContainer, IpamBlock } from "../components/ask/types";
import { routerTraits } from "../components/kinds/traits";
import { announceable } from "../plan/families";
import { endsBefore, networkOf, type Outcome, settle, topologyOf } from "../plan/propagation";
import { inSpan } from "../plan/spans";
import type { CoePlan, NodePlan, Plan } from "../plan/types";
import { contains, hostPrefix, prefix } from "../util/net";
import { containedIn, podRanges } from "../util/ranges";
import { deployedCoes, deployedSpeakers } from "./coes";
import type { Need, Observation } from "./types";
import type { Refusal } from "./verdict";

/** What a node has to announce, by the word of its COE's IPAM. */
export interface Origin {
  readonly prefix: string;
  readonly node: NodePlan;
  readonly coe: string;
  /** The container whose address is of another node's block, so that it needs a route of its own. Absent: a block. */
  readonly borrower?: string;
}

/** The word of a COE's IPAM, and of who has the addresses. */
export function ipamOf(coe: { readonly name: string }): Need[] {
  return [`blocks/${coe.name}`, `containers/${coe.name}`];
}

/** The same of all COEs that are deployed. */
export function everyIpam(plan: Plan): Need[] {
  return deployedCoes(plan).flatMap(ipamOf);
}

/** What all nodes have to announce; or who did not answer. */
export interface Origins {
  readonly all: readonly Origin[];
  /** By name of the COE. */
  readonly silent: Readonly<Record<string, Refusal | undefined>>;
}

const origins = new WeakMap<Observation, Origins>();

export function originsOf(plan: Plan, seen: Observation): Origins {
  const known = origins.get(seen);
  if (known !== undefined) return known;
  const nodes = new Map(deployedSpeakers(plan).map((node) => [node.id, node]));
  const all: Origin[] = [];
  const silent: Record<string, Refusal | undefined> = {};
  for (const coe of deployedCoes(plan)) {
    const { name } = coe;
    const [blocks, containers] = [seen.blocks[name], seen.containers[name]];
    if (blocks?.ok !== true || containers?.ok !== true) {
      silent[name] = [blocks, containers].find((one) => one?.ok === false);
      continue;
    }
    const own = (id: string) => nodes.get(id);
    all.push(
      ...blocks.value
        .filter((block) => !isLeft(coe, block))
        .flatMap(({ cidr, owners }) =>
          owners.flatMap((id): Origin[] => {
            const node = own(id);
            return node === undefined ? [] : [{ prefix: cidr, node, coe: name }];
          }),
        ),
      ...borrowers(blocks.value, containers.value).flatMap((container): Origin[] => {
        const node = own(container.node);
        if (node === undefined) return [];
        const host = hostPrefix(container.address);
        return [{ prefix: host, node, coe: name, borrower: container.name }];
      }),
    );
  }
  const found = { all, silent };
  origins.set(seen, found);
  return found;
}

/** A block without an address in use, of a pool that is gone: nobody announces it, and nobody misses it. */
export function isLeft(coe: CoePlan, { cidr, addresses }: IpamBlock): boolean {
  return addresses.length === 0 && !containedIn(podRanges(coe), cidr);
}

/** Containers with an address of a block that their node does not own. */
export function borrowers(
  blocks: readonly IpamBlock[],
  containers: readonly CoeContainer[],
): CoeContainer[] {
  return containers.filter(({ address, node }) => {
    const block = blockOf(blocks, address);
    return block !== undefined && !block.owners.includes(node);
  });
}

export function blockOf(blocks: readonly IpamBlock[], address: string): IpamBlock | undefined {
  return blocks.find(({ cidr }) => contains(cidr, address));
}

/** What a router has to have of a prefix. */
export type Expected =
  | {
      readonly nextHop: string;
      /** The address that packets are sent to; absent where a router between networks decides it. */
      readonly gateway?: string;
    }
  /** Why it gets none. */
  | { readonly ends: string };

/** The model of BGP over a plan, as far as its COEs are deployed. */
class Model {
  private readonly topology;
  private readonly outcomes = new Map<string, Outcome>();

  constructor(private readonly plan: Plan) {
    const nodes = new Set(deployedSpeakers(plan).map(({ id }) => id));
    this.topology = topologyOf(networkOf(plan, nodes), routerTraits);
  }

  /** @param router name of a reflector, or id of a node */
  at(router: string, origin: Origin): Expected {
    const outcome = this.outcomeOf(origin);
    const [best] = outcome.paths.get(router) ?? [];
    const [end] = endsBefore(this.topology, outcome, origin.node.id, router);
    if (best?.nextHop !== undefined && end === undefined) {
      const direct = best.learned?.reach === "connected";
      return { nextHop: best.nextHop, ...(direct ? { gateway: best.nextHop } : {}) };
    }
    return { ends: end?.reason ?? "the model has no path to it" };
  }

  /** What becomes of a prefix depends on its node and on what is accepted; other prefixes fare the same. */
  private outcomeOf({ prefix: text, node }: Origin): Outcome {
    const one = prefix(text);
    const accepted = announceable(this.plan, node).filter((span) => inSpan(span, one));
    const key = [node.id, one.family, ...accepted.map(({ cidr }) => cidr)].join(" ");
    const known = this.outcomes.get(key) ?? settle(this.topology, text, [node.id]);
    this.outcomes.set(key, known);
    return known;
  }
}

const models = new WeakMap<Plan, Model>();

/** What a router has to have of what a node announces, by the model of BGP over the plan. */
export function expectedAt(plan: Plan, router: string, origin: Origin): Expected {
  const model = models.get(plan) ?? new Model(plan);
  models.set(plan, model);
  return model.at(router, origin);
}

/** Whose word an expectation is, of one COE or several. */
export function ipamSource(coes: readonly string[]): string {
  return [...new Set(coes)].map((coe) => `${coe}: IPAM`).join(", ");
}
