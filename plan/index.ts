import type { CoeConfig, Config } from "../config/types";
import { blocks, cidr } from "../util/cidr";
import { freeze, mapSorted } from "./data";
import { kindFacts } from "./kinds";
import type { CoePlan, FencePlan, NodePlan, Plan, ReflectorPlan, SessionPlan } from "./types";

export { type PlanDocument, planDocument } from "./document";
export { renderPlan } from "./render";
export { type SubnetTable, subnetTable } from "./subnets";

/** Works out everything that follows from a valid configuration. */
export function makePlan(config: Config): Plan {
  const { network } = config;
  const coes = mapSorted(config.coes, (name, coe) => planCoe(name, coe, network.asn));
  const reflectors = mapSorted(
    config.reflectors,
    (name, { kind, address, asn = network.asn }): ReflectorPlan => ({
      name,
      kind,
      address,
      asn,
      clusterId: address,
    }),
  );
  const speakers = Object.values(coes).flatMap((coe) =>
    Object.values(coe.nodes)
      .filter((node) => node.speaker)
      .map((node) => ({ coe, node })),
  );
  const sessions = Object.values(reflectors).flatMap((reflector) =>
    speakers.map(({ node }) => session(reflector, node)),
  );
  return freeze({
    schemaVersion: 1,
    supernet: network.supernet,
    nodeNetwork: network.nodes,
    asn: network.asn,
    coes,
    reflectors,
    sessions: byKey(sessions, (one) => one.name),
    fences: byKey(
      speakers.map(({ coe, node }) => fence(coe, node)),
      (one) => one.node,
    ),
  });
}

function planCoe(name: string, coe: CoeConfig, asn: number): CoePlan {
  return {
    name,
    kind: coe.kind,
    deployed: coe.deploy,
    podCidr: coe.podCidr,
    ...(coe.serviceCidr === undefined ? {} : { serviceCidr: coe.serviceCidr }),
    blockSize: coe.blockSize,
    blocks: blocks(cidr(coe.podCidr), coe.blockSize),
    nodes: mapSorted(coe.nodes, (node, given): NodePlan => {
      const facts = kindFacts(coe.kind);
      const role = given.role ?? facts?.defaultRole ?? "";
      return {
        id: `${name}/${node}`,
        name: node,
        address: given.address,
        role,
        asn: given.asn ?? asn,
        speaker: facts?.roles[role]?.speaker ?? false,
      };
    }),
  };
}

/** One record for both ends. A node is a client only within one autonomous system (RFC 4456). */
function session(reflector: ReflectorPlan, node: NodePlan): SessionPlan {
  const internal = reflector.asn === node.asn;
  return {
    name: `${reflector.name}/${node.id}`,
    reflector: { id: reflector.name, address: reflector.address, asn: reflector.asn },
    node: { id: node.id, address: node.address, asn: node.asn },
    kind: internal ? "ibgp" : "ebgp",
    client: internal,
  };
}

/** A node may announce blocks of its engine's range, or parts of one down to a single container. */
function fence(coe: CoePlan, node: NodePlan): FencePlan {
  return {
    node: node.id,
    address: node.address,
    prefixes: [{ cidr: coe.podCidr, minLength: coe.blockSize, maxLength: 32 }],
  };
}

function byKey<T>(items: readonly T[], key: (item: T) => string): Readonly<Record<string, T>> {
  return mapSorted(Object.fromEntries(items.map((item) => [key(item), item])), (_, item) => item);
}
