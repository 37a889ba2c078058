import { mapSorted } from "./data";
import type { Plan } from "./types";

/** Who has which addresses, by engine: a stack output small enough to read. */
export type SubnetTable = Readonly<Record<string, CoeSubnets>>;

export interface CoeSubnets {
  readonly podCidr: string;
  readonly serviceCidr?: string;
  /** Prefix length of a block. */
  readonly blockSize: number;
  /** How many blocks the range holds. */
  readonly blocks: number;
  /** Address by node name. */
  readonly nodes: Readonly<Record<string, string>>;
}

export function subnetTable(plan: Plan): SubnetTable {
  return mapSorted(plan.coes, (_, coe) => ({
    podCidr: coe.podCidr,
    ...(coe.serviceCidr === undefined ? {} : { serviceCidr: coe.serviceCidr }),
    blockSize: coe.blockSize,
    blocks: coe.blocks,
    nodes: mapSorted(coe.nodes, (_name, node) => node.address),
  }));
}
