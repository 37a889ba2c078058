import type { JsonObject } from "../../util/json";

/** What reading a running COE is given. */
export interface AdoptRequest {
  readonly name: string;
  /** By the name of the kind's flags of `seamless inspect`, what was given. */
  readonly flags: Readonly<Record<string, string | readonly string[]>>;
}

/** A running COE as a configuration would have it. */
export interface AdoptedCoe {
  /** Its record in the configuration, but for `kind` and the AS of its nodes. */
  readonly fields: JsonObject;
  /** By name, its nodes. */
  readonly nodes: Readonly<Record<string, AdoptedNode>>;
  /** The AS of nodes that have none of their own. */
  readonly asn: number;
  /** Networks of its nodes, as far as the COE knows them. */
  readonly networks: readonly string[];
  /** Addresses on these networks that are somebody else's, such as BGP peers. */
  readonly taken: readonly string[];
  /** What was not sure, by the dotted path in its record. */
  readonly unsure: Readonly<Record<string, string>>;
}

export interface AdoptedNode {
  readonly address: string;
  /** Its IPv6 address beside an IPv4 one. Absent: it has none, or its COE has no IPv6. */
  readonly address6?: string;
  readonly role?: string;
  /** Absent: as its role has it. */
  readonly speaker?: boolean;
  /** Absent: the COE's. */
  readonly asn?: number;
}
