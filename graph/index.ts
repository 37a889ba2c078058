/** Pictures of a plan: pure text out of plain data. */
export { addressesGraph } from "./addresses";
export { dot } from "./dot";
export { endsAllowed, type PathEnd, pathEnd, pathFamily } from "./ends";
export { mermaid } from "./mermaid";
export { pathGraph } from "./path";
export { pictureStyle, svg } from "./svg";
export { mostNodes, topologyGraph } from "./topology";
export { type EdgeState, type Graph, type GraphEdge, type GraphNode, withStates } from "./types";
