/** What Calico's datastore holds before a cluster is joined, as far as joining it matters; plain data. */
export interface DatastoreState {
  readonly pools: readonly PoolState[];
  readonly blocks: readonly BlockState[];
  readonly bgp: BgpState;
  readonly peers: readonly PeerState[];
}

export interface PoolState {
  readonly name: string;
  readonly cidr: string;
  readonly blockSize: number;
  readonly ipipMode: string;
  readonly vxlanMode: string;
  readonly natOutgoing: boolean;
  readonly disabled: boolean;
  /** Who says it manages the pool, by its label. */
  readonly managedBy: string | undefined;
  /** Field managers, but ourselves, of what joining would change. */
  readonly setBy: readonly string[];
}

/** A block of addresses that a node has taken. */
export interface BlockState {
  readonly cidr: string;
  /** How many of its addresses are in use; absent where the datastore was not asked for it. */
  readonly used?: number;
  /** Absent where the datastore was not asked for it. */
  readonly node?: string;
}

/** With Calico's own defaults where the cluster says nothing. */
export interface BgpState {
  readonly asn: number;
  readonly mesh: boolean;
  /** Field managers, but ourselves, of both. */
  readonly setBy: readonly string[];
}

/** Calico's defaults ("BGP configuration"). */
export const bgpDefaults = { asn: 64512, mesh: true } as const;

export interface PeerState {
  readonly name: string;
  /** Address, or the selector of nodes. */
  readonly peer: string;
  readonly asn: number | undefined;
}

/** Who has set what is to be changed, as the end of a sentence; empty when nobody is known. */
export function setByWhom(setBy: readonly string[]): string {
  return setBy.length === 0 ? "" : `, set by ${setBy.join(", ")}`;
}
