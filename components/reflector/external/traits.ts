import { type RouterTraits, standardTraits } from "../../../plan/propagation/traits";
import { birdTraits } from "../bird/traits";
import { frrTraits } from "../frr/traits";
import type { DialectName } from "./model";

/**
 * Routers that we cannot run are taken for what their makers' documents say: these are not held to the real ones. What is not
 * written anywhere is as the RFCs have it.
 */
export const dialectTraits: Readonly<Record<DialectName, RouterTraits>> = {
  bird: birdTraits,
  frr: frrTraits,
  eos: standardTraits,
  // `neighbor as-override` is for the address families of VRFs.
  "ios-xe": { ...standardTraits, sendsReceiversAs: true, replacesPeerAs: false },
  junos: standardTraits,
  "nx-os": standardTraits,
};
