export {
  type Address,
  address,
  compareAddresses,
  type Family,
  formatAddress,
  parseAddress,
  widthOf,
} from "./address";
export { type Endpoint, parseEndpoint, withPort } from "./endpoint";
export { covers, type PrefixPattern, type PrefixSet, patternsOf, runs, setOf } from "./patterns";
export {
  addressAt,
  addressIn,
  blocksIn,
  comparePrefixes,
  contains,
  familyOf,
  firstOf,
  formatPrefix,
  holds,
  hostOf,
  hostPrefix,
  isLoopback,
  isPrefix,
  lastOf,
  nthOf,
  overlap,
  type Prefix,
  type PrefixFault,
  parseEither,
  parsePrefix,
  prefix,
  prefixOf,
  sizeOf,
  split,
  within,
} from "./prefix";
export { freeIn, nextFree, overlaps } from "./space";
