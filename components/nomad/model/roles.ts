/** Roles of nodes: whether such a node speaks BGP. */
export const roles = {
  server: { speaker: false },
  client: { speaker: true },
} as const;

/** The role of a node that names none. */
export const defaultRole = "client";
