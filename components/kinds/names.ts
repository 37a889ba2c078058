import type { coeModels, routerModels } from "./models";

/** The kinds of COEs, as the configuration names them. The tables beside this file have a facet of each. */
export type KindName = keyof typeof coeModels;

/** The kinds of reflectors, as the configuration names them. */
export type RouterKindName = keyof typeof routerModels;

/** Those that we run in a container. */
export type OwnRouterKindName = Exclude<RouterKindName, "external">;

/** The BGP speakers of nodes, as the configuration names them. The tables beside this file have the facets of each. */
export type SpeakerName = {
  [Kind in KindName]: keyof (typeof coeModels)[Kind]["speakers"];
}[KindName];
