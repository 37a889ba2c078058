export { parseStackConfig, readStackConfig } from "./file";
export { parseConfig, type RawConfig, type ReadNodes } from "./parse";
export { ConfigError, locatorOf } from "./problems";
export type * from "./types";
