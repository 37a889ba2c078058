/** Roles of nodes: whether such a node speaks BGP. */
export const roles = {
  master: { speaker: false },
  private: { speaker: true },
  public: { speaker: true },
} as const;

/** The role of a node that names none. */
export const defaultRole = "private";
