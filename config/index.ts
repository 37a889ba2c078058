export { parseStackConfig, readStackConfig } from "./file";
export { parseConfig, type RawConfig, type ReadNodes, type Warn } from "./parse";
export { ConfigError, locatorOf } from "./problems";
export type * from "./types";
