import { type Family, familyOf } from "../../../util/net";
import { containedIn, usualBlockSize6 } from "../../../util/ranges";
import type { AdoptedCoe, AdoptedNode } from "../../contract/adopt";
import type { BlockState, DatastoreState, NodeState, PoolState } from "./inspect/state";

type Read = Pick<AdoptedCoe, "fields" | "unsure">;

/**
 * The families that a COE can be adopted in: IPv6 where there is a pool of it that gives addresses, and each node that has an IPv4
 * address has one of it, too.
 */
export function adoptedFamilies({
  pools,
  nodes,
}: Pick<DatastoreState, "pools" | "nodes">): readonly Family[] {
  const six = pools.some((pool) => familyOf(pool.cidr) === 6 && isForContainers(pool));
  return six && machinesOf(nodes).every(({ address6 }) => address6 !== undefined) ? [4, 6] : [4];
}

function isForContainers({ allowedUses, disabled }: PoolState): boolean {
  return !disabled && (allowedUses.length === 0 || allowedUses.includes("Workload"));
}

/**
 * The fields of a configuration that follow from what Calico has.
 * @param chosen families of the plan. Absent: IPv4 alone, as the COE can have no other
 */
export function adoptedFields(
  {
    pools,
    blocks,
    policies,
    nodes,
  }: Pick<DatastoreState, "pools" | "blocks" | "policies" | "nodes">,
  chosen?: readonly Family[],
): Read {
  const families = chosen ?? [4];
  const inPlan = ({ cidr }: PoolState) => families.some((family) => familyOf(cidr) === family);
  const known = pools.filter(
    (pool) => inPlan(pool) && isForContainers({ ...pool, disabled: false }),
  );
  const active = known.filter(({ disabled }) => !disabled);
  const retiring = known.filter((pool) => pool.disabled && inUse(pool, blocks));
  const taken = [...active, ...retiring];
  const of = (family: Family) => taken.filter(({ cidr }) => familyOf(cidr) === family);
  const [four, six] = [of(4), of(6)];
  const [sizes, sizes6] = [sizesOf(four), sizesOf(six)];
  const keepsTunnel = canKeepTunnel(four, nodes);
  const nat = four.filter(({ natOutgoing }) => natOutgoing).map(({ name }) => name);
  const [only, ...more] = taken;
  if (only === undefined)
    return {
      fields: {},
      unsure: { kind: "Calico has no pool for containers; podCidr is missing" },
    };
  const several = more.length > 0;
  return {
    fields: {
      podCidr: several ? taken.map(({ cidr }) => cidr) : only.cidr,
      ...(retiring.length === 0 ? {} : { retiring: retiring.map(({ cidr }) => cidr) }),
      pool: several ? Object.fromEntries(taken.map(({ cidr, name }) => [cidr, name])) : only.name,
      ...(sizes[0] === undefined || sizes[0] === 26 ? {} : { blockSize: sizes[0] }),
      ...(sizes6[0] === undefined || sizes6[0] === usualBlockSize6
        ? {}
        : { blockSize6: sizes6[0] }),
      ...(nat.length === 0 ? {} : { natOutgoing: true }),
      ...(keepsTunnel ? { ipipMode: "CrossSubnet" } : {}),
      policy: "open",
    },
    unsure: {
      policy: policyDoubt(policies.length),
      ...podDoubt(
        sizes,
        sizes6,
        chosen === undefined ? [] : pools.filter((pool) => !inPlan(pool) && isForContainers(pool)),
      ),
      ...tunnelDoubt(keepsTunnel ? six : taken, nodes),
      ...(nat.length > 0 && nat.length < four.length
        ? { natOutgoing: `only ${nat.join(", ")}: a plan has one word for all pools` }
        : {}),
      ...(retiring.length === 0
        ? {}
        : { retiring: "disabled pools with blocks in use: they give no new addresses" }),
    },
  };
}

function sizesOf(pools: readonly PoolState[]): number[] {
  return [...new Set(pools.map(({ blockSize }) => blockSize))];
}

/** @param left pools of a family that the plan does not have */
function podDoubt(
  sizes: readonly number[],
  sizes6: readonly number[],
  left: readonly PoolState[],
): { readonly podCidr?: string } {
  const several = [sizes, sizes6].filter((all) => all.length > 1);
  const doubts = [
    ...several.map(
      (all) =>
        `the pools have blocks of ${all.map((size) => `/${size}`).join(", ")}; a plan has one size`,
    ),
    ...(left.length === 0
      ? []
      : [
          `left out, for not all nodes have an address of its family: ${left.map(({ cidr }) => cidr).join(", ")}`,
        ]),
  ];
  return doubts.length === 0 ? {} : { podCidr: doubts.join("; ") };
}

/** Whether the plan can leave the pools their tunnel: no packet takes it, as long as all nodes are in one network. */
function canKeepTunnel(four: readonly PoolState[], nodes: readonly NodeState[]): boolean {
  const crossing = four.filter(({ ipipMode }) => ipipMode === "CrossSubnet");
  return crossing.length > 0 && crossing.length === four.length && networksOf(nodes).length < 2;
}

/** Tunnels of pools that the plan does not leave. */
function tunnelDoubt(
  pools: readonly PoolState[],
  nodes: readonly NodeState[],
): { readonly pool?: string } {
  const changes = pools.flatMap(({ name, ipipMode, vxlanMode }) => [
    ...(ipipMode === "Never" ? [] : [`ipipMode of ${name} (${ipipMode} -> Never)`]),
    ...(vxlanMode === "Never" ? [] : [`vxlanMode of ${name} (${vxlanMode} -> Never)`]),
  ]);
  if (changes.length === 0) return {};
  const networks = networksOf(nodes);
  const condition =
    networks.length < 2
      ? "for all IPv4 pools of a COE at once"
      : `where nodes are in one network, or in racks with routers; these are in ${networks.join(", ")}`;
  const kept = pools.some(({ ipipMode }) => ipipMode === "CrossSubnet")
    ? `; a plan keeps CrossSubnet (ipipMode) only ${condition}`
    : "";
  return { pool: `joining changes ${changes.join(", ")}${kept}` };
}

/** The IPv4 networks that nodes are in by their masks. */
function networksOf(nodes: readonly NodeState[]): string[] {
  return [...new Set(machinesOf(nodes).flatMap(({ network }) => network ?? []))];
}

function policyDoubt(policies: number): string {
  const there = policies === 0 ? "no policies are there" : `${policies} policies are there`;
  return `a choice, not a fact: ${there}; open lets everybody in, see also cross-coe and closed`;
}

function inUse({ cidr }: PoolState, blocks: readonly BlockState[]): boolean {
  return blocks.some((block) => containedIn([cidr], block.cidr));
}

function machinesOf(nodes: readonly NodeState[]): NodeState[] {
  return nodes.filter(
    ({ os, virtual, address }) => os === "linux" && !virtual && familyOf(address) === 4,
  );
}

/**
 * Nodes with a BGP speaker or without, but none that are no machines with Linux.
 * @param families those of the plan. Default: IPv4 alone
 */
export function adoptedNodes(
  nodes: readonly NodeState[],
  families: readonly Family[] = [4],
): {
  readonly nodes: Record<string, AdoptedNode>;
  readonly networks: readonly string[];
} {
  const machines = machinesOf(nodes);
  const six = families.includes(6);
  const networks = machines.flatMap(({ network, network6 }) => [
    ...(network === undefined ? [] : [network]),
    ...(six && network6 !== undefined ? [network6] : []),
  ]);
  return {
    nodes: Object.fromEntries(
      machines.map(({ name, address, address6, asn }) => [
        name,
        {
          address,
          ...(six && address6 !== undefined ? { address6 } : {}),
          ...(typeof asn === "number" ? { asn } : {}),
        },
      ]),
    ),
    networks: [...new Set(networks)],
  };
}

/** Addresses of BGP peers: routers that are there, and have to stay apart from a reflector. */
export function peerAddresses({ peers }: Pick<DatastoreState, "peers">): string[] {
  return peers.flatMap(({ peer }) => (familyOf(peer) === undefined ? [] : [peer]));
}
