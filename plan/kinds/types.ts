/** What configuration and plan know of a kind of engine. Facts only: what is done with it is in components/. */
export interface KindFacts {
  /** By role, in the words of the kind. */
  readonly roles: Readonly<Record<string, RoleFacts>>;
  readonly defaultRole: string;
  /** The fields of `access` it takes when the engine is there already. */
  readonly access: {
    readonly required: readonly string[];
    readonly optional: readonly string[];
  };
  /** Whether a probe outside the lab needs an image of its own. */
  readonly probeNeedsImage: boolean;
  /** The role of which an embedded engine has exactly one node; undefined when it cannot be embedded. */
  readonly embeddedHead?: string;
}

export interface RoleFacts {
  /** Whether a node of the role speaks BGP, which it does when it has containers to announce. */
  readonly speaker: boolean;
}
