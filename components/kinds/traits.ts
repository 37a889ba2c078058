import { birdTraits } from "../reflector/bird/traits";
import { frrTraits } from "../reflector/frr/traits";
import { gobgpTraits } from "../reflector/gobgp/traits";
import { calicoTraits } from "../speakers/calico/traits";
import type { KindName } from "./names";

/** By kind of COE, how its nodes speak BGP. */
const nodeTraits = { kubernetes: calicoTraits, dcos: calicoTraits } satisfies Record<
  KindName,
  unknown
>;

/** By kind of COE or of reflector, how its routers speak BGP: what the plan is proven with. */
export const routerTraits = {
  ...nodeTraits,
  gobgp: gobgpTraits,
  bird: birdTraits,
  frr: frrTraits,
};
