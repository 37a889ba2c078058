import type { coeModels } from "./models";

/** The kinds of COEs, as the configuration names them. The tables beside this file have a facet of each. */
export type KindName = keyof typeof coeModels;

/** Every kind of reflector, by its name in the configuration. */
export const routerKindNames = ["bird", "gobgp"] as const;

export type RouterKindName = (typeof routerKindNames)[number];
