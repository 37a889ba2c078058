/** A table of the daemon: how it is asked, and how its answer is read. */
export interface RouterTable<T> {
  readonly args: readonly string[];
  /** @param now seconds since the epoch on the reflector's clock @throws Error when it cannot be read */
  parse(text: string, now: number): T[];
}

export type SessionState =
  | "Idle"
  | "Connect"
  | "Active"
  | "OpenSent"
  | "OpenConfirm"
  | "Established"
  | "Unknown";

/** A neighbour as a router reports it. */
export interface RouterNeighbour {
  readonly address: string;
  readonly asn: number;
  readonly state: SessionState;
  /** Whole seconds since the session was established; absent while it never was. */
  readonly uptimeSeconds?: number;
  readonly received: number;
  readonly accepted: number;
}

/** A path of a router's RIB. */
export interface RouterPath {
  readonly prefix: string;
  readonly nextHop: string;
  /** The neighbour it was learned from. */
  readonly peer: string;
  readonly best: boolean;
  readonly ageSeconds: number;
  readonly localPref?: number;
}

/** What a reflector is asked for. */
export interface RouterTables {
  readonly neighbours: RouterTable<RouterNeighbour>;
  readonly rib: RouterTable<RouterPath>;
}

/** How reflectors of a kind are asked. */
export interface RouterAsk {
  /**
   * The program that asks the daemon, without what is asked.
   * @param api where the daemon answers; undefined where the program asks by itself
   */
  client(api: string | undefined): readonly string[];
  readonly tables: RouterTables;
}
