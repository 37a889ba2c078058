/** Calico's IPAM as its datastore keeps it, the same in the Kubernetes API and in etcd. */
import { z } from "zod";
import { addressAt } from "../../../util/net";
import type { IpamBlock } from "../../ask/types";

const blockSpec = z.looseObject({
  cidr: z.string(),
  /** `host:worker-1`; `virtual:load-balancer` of addresses that are no containers'. */
  affinity: z.string().nullish(),
  deleted: z.boolean().nullish(),
  allocations: z.array(z.number().nullable()).default([]),
  attributes: z
    .array(
      z.looseObject({
        handle_id: z.string().nullish(),
        secondary: z.record(z.string(), z.string()).nullish(),
      }),
    )
    .nullish(),
});

const affinitySpec = z.looseObject({
  cidr: z.string(),
  node: z.string(),
  state: z.string().default("confirmed"),
  // A text in the Kubernetes API.
  deleted: z.union([z.string(), z.boolean()]).nullish(),
  type: z.string().nullish(),
});

/** What Calico keeps of the addresses of containers. */
export interface IpamRecords {
  /** Specifications of IPAMBlock. */
  readonly blocks: readonly unknown[];
  /** Specifications of BlockAffinity: what a node announces. */
  readonly affinities: readonly unknown[];
}

/**
 * The blocks of nodes. A node announces those that it has a confirmed affinity to; the block itself names who may take
 * addresses of it.
 * @param nodeOf the plan's id of a node that Calico has under a name; the name itself where the plan has none
 */
export function ipamBlocks(
  { blocks, affinities }: IpamRecords,
  nodeOf: (name: string) => string,
): IpamBlock[] {
  const owners = new Map<string, Set<string>>();
  const own = (cidr: string, name: string) =>
    owners.set(cidr, (owners.get(cidr) ?? new Set()).add(nodeOf(name)));
  for (const { cidr, node, state, deleted, type } of affinities.map((one) =>
    affinitySpec.parse(one),
  )) {
    // A block is claimed and released in two steps; in between nobody announces it.
    if (state !== "confirmed" || String(deleted) === "true" || type === "virtual") continue;
    own(cidr, node);
  }
  const read = blocks.map((one) => blockSpec.parse(one)).filter(({ deleted }) => deleted !== true);
  const containers = read.filter(({ affinity }) => !affinity?.startsWith("virtual:"));
  const known = new Set(containers.map(({ cidr }) => cidr));
  const empty = [...owners.keys()].filter((cidr) => !known.has(cidr));
  return [
    ...containers.map(({ cidr, affinity, allocations, attributes }): IpamBlock => {
      const holder = /^host:(.+)$/.exec(affinity ?? "")?.[1];
      const announcing = owners.get(cidr);
      // While it is claimed, the block has an owner and nobody announces it yet.
      if (holder !== undefined && announcing !== undefined) own(cidr, holder);
      return {
        cidr,
        owners: [...(announcing ?? [])].sort(),
        addresses: allocations.flatMap((index, ordinal) =>
          index === null ? [] : [used(cidr, ordinal, attributes?.[index] ?? {}, nodeOf)],
        ),
      };
    }),
    ...empty.map((cidr) => ({ cidr, owners: [...(owners.get(cidr) ?? [])].sort(), addresses: [] })),
  ].sort((a, b) => (a.cidr < b.cidr ? -1 : 1));
}

type Attributes = NonNullable<z.output<typeof blockSpec>["attributes"]>[number];

function used(
  cidr: string,
  ordinal: number,
  { handle_id: handle, secondary }: Partial<Attributes>,
  nodeOf: (name: string) => string,
): IpamBlock["addresses"][number] {
  const { node, pod, namespace, type } = secondary ?? {};
  const container = pod === undefined ? undefined : [namespace, pod].filter(Boolean).join("/");
  return {
    address: addressAt(cidr, ordinal),
    holder: container ?? type ?? handle ?? "",
    ...(node === undefined ? {} : { node: nodeOf(node) }),
  };
}
