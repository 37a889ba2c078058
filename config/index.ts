export { type Assigned, assignIn } from "./assign";
export { parseStackConfig, type ReadOptions, readStackConfig } from "./file";
export type { CoeKind, CoeKinds, Kinds } from "./kind";
export { type ParseOptions, parseConfig, type RawConfig, type ReadNodes, type Warn } from "./parse";
export { ConfigError, locatorOf } from "./problems";
export type * from "./types";
