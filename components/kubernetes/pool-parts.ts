import { nameOfAddress } from "../speakers/calico/names";

/** How the resource of one pool is called in the stack. */
export interface PoolPart {
  readonly range: string;
  readonly part: string;
  /** What it may have been called before, when the COE had fewer or more ranges. */
  readonly was?: string;
}

/**
 * The only range's pool is `pool`; of several each is named after its range, so that no pool's resource moves to another
 * range when one comes or goes. The first is the one that the COE began with, which was `pool` as long as it was alone.
 */
export function poolParts(ranges: readonly string[]): PoolPart[] {
  return ranges.map((range, index) => {
    const keyed = `pool-${nameOfAddress(range)}`;
    if (ranges.length === 1) return { range, part: "pool", was: keyed };
    return { range, part: keyed, ...(index === 0 ? { was: "pool" } : {}) };
  });
}
