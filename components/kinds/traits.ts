import { birdTraits } from "../reflector/bird/traits";
import { dialectTraits } from "../reflector/external/traits";
import { frrTraits } from "../reflector/frr/traits";
import { gobgpTraits } from "../reflector/gobgp/traits";
import {
  calicoKernel,
  calicoRouteProtocol,
  calicoTraits,
  type KernelTraits,
} from "../speakers/calico/traits";
import type { KindName } from "./names";

/** By kind of COE, how its nodes speak BGP. */
const nodeTraits = { kubernetes: calicoTraits, dcos: calicoTraits } satisfies Record<
  KindName,
  unknown
>;

/** By kind of COE or of reflector, or by dialect of a router that we do not run, how its routers speak BGP: what the plan is proven with. */
export const routerTraits = {
  ...nodeTraits,
  gobgp: gobgpTraits,
  ...dialectTraits,
  bird: birdTraits,
  frr: frrTraits,
};

const routeProtocols: Readonly<Record<string, string>> = {
  kubernetes: calicoRouteProtocol,
  dcos: calicoRouteProtocol,
} satisfies Record<KindName, string>;

/** How the kernels of a COE's nodes name their BGP speaker as who has installed a route; see the contract of speakers. */
export function routeProtocolOf(kind: string): string | undefined {
  return routeProtocols[kind];
}

/** Whether some kind of speaker is called so by the kernels that it installs routes in. */
export function isRouteProtocol(protocol: string | undefined): boolean {
  return protocol !== undefined && Object.values(routeProtocols).includes(protocol);
}

export type { KernelTraits };

const kernels: Readonly<Record<string, KernelTraits>> = {
  kubernetes: calicoKernel,
  dcos: calicoKernel,
} satisfies Record<KindName, KernelTraits>;

/** What the speaker of a COE's nodes leaves in their kernels; undefined for a kind that is none. */
export function kernelTraits({ kind }: { readonly kind: string }): KernelTraits | undefined {
  return kernels[kind];
}
