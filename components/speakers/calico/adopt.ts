import { familyOf } from "../../../util/net";
import { containedIn } from "../../../util/ranges";
import type { AdoptedCoe, AdoptedNode } from "../../contract/adopt";
import type { BlockState, DatastoreState, NodeState, PoolState } from "./inspect/state";

type Read = Pick<AdoptedCoe, "fields" | "unsure">;

/** The fields of a configuration that follow from what Calico has. */
export function adoptedFields({
  pools,
  blocks,
  policies,
}: Pick<DatastoreState, "pools" | "blocks" | "policies">): Read {
  const known = pools.filter(({ cidr, allowedUses }) => {
    return familyOf(cidr) === 4 && (allowedUses.length === 0 || allowedUses.includes("Workload"));
  });
  const active = known.filter(({ disabled }) => !disabled);
  const retiring = known.filter((pool) => pool.disabled && inUse(pool, blocks));
  const taken = [...active, ...retiring];
  const sizes = [...new Set(taken.map(({ blockSize }) => blockSize))];
  const nat = taken.filter(({ natOutgoing }) => natOutgoing).map(({ name }) => name);
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
      ...(sizes[0] === 26 ? {} : { blockSize: sizes[0] }),
      ...(nat.length === 0 ? {} : { natOutgoing: true }),
      policy: "open",
    },
    unsure: {
      policy: policyDoubt(policies.length),
      ...(sizes.length > 1
        ? {
            podCidr: `the pools have blocks of ${sizes.map((size) => `/${size}`).join(", ")}; a plan has one size`,
          }
        : {}),
      ...(nat.length > 0 && nat.length < taken.length
        ? { natOutgoing: `only ${nat.join(", ")}: a plan has one word for all pools` }
        : {}),
      ...(retiring.length === 0
        ? {}
        : { retiring: "disabled pools with blocks in use: they give no new addresses" }),
    },
  };
}

function policyDoubt(policies: number): string {
  const there = policies === 0 ? "no policies are there" : `${policies} policies are there`;
  return `a choice, not a fact: ${there}; open lets everybody in, see also cross-coe and closed`;
}

function inUse({ cidr }: PoolState, blocks: readonly BlockState[]): boolean {
  return blocks.some((block) => containedIn([cidr], block.cidr));
}

/** Nodes with a BGP speaker or without, but none that are no machines with Linux. */
export function adoptedNodes(nodes: readonly NodeState[]): {
  readonly nodes: Record<string, AdoptedNode>;
  readonly networks: readonly string[];
} {
  const machines = nodes.filter(
    ({ os, virtual, address }) => os === "linux" && !virtual && familyOf(address) === 4,
  );
  return {
    nodes: Object.fromEntries(
      machines.map(({ name, address, asn }) => [
        name,
        { address, ...(typeof asn === "number" ? { asn } : {}) },
      ]),
    ),
    networks: [...new Set(machines.flatMap(({ network }) => network ?? []))],
  };
}

/** Addresses of BGP peers: routers that are there, and have to stay apart from a reflector. */
export function peerAddresses({ peers }: Pick<DatastoreState, "peers">): string[] {
  return peers.flatMap(({ peer }) => (familyOf(peer) === 4 ? [peer] : []));
}
