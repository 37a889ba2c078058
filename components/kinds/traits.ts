import type { RouterTraits } from "../../plan/propagation/traits";
import type { CoePlan } from "../../plan/types";
import type { CoeModel } from "../contract/model";
import { birdTraits } from "../reflector/bird/traits";
import { dialectTraits } from "../reflector/external/traits";
import { frrTraits } from "../reflector/frr/traits";
import { gobgpTraits } from "../reflector/gobgp/traits";
import { birdKernel, birdNodeTraits, birdRouteProtocol } from "../speakers/bird/traits";
import {
  calicoKernel,
  calicoRouteProtocol,
  calicoTraits,
  type KernelTraits,
} from "../speakers/calico/traits";
import { frrNodeKernel, frrNodeTraits, frrRouteProtocol } from "../speakers/frr/traits";
import { frrK8sTraits, frrKernel } from "../speakers/frr-k8s/traits";
import { coeModels } from "./models";
import type { OwnRouterKindName, SpeakerName } from "./names";

/** What is known of a BGP speaker of nodes without asking one. */
export interface SpeakerTraits {
  /** How it speaks BGP: what the plan is proven with. */
  readonly router: RouterTraits;
  /** How the kernel names who installed the routes that it has learned; see the contract of speakers. */
  readonly routeProtocol: string;
  /** What else it leaves in the kernel. */
  readonly kernel: KernelTraits;
}

/** By name. */
export const speakerTraits = {
  bird: { router: birdNodeTraits, routeProtocol: birdRouteProtocol, kernel: birdKernel },
  calico: { router: calicoTraits, routeProtocol: calicoRouteProtocol, kernel: calicoKernel },
  frr: { router: frrNodeTraits, routeProtocol: frrRouteProtocol, kernel: frrNodeKernel },
  "frr-k8s": { router: frrK8sTraits, routeProtocol: frrRouteProtocol, kernel: frrKernel },
} satisfies Record<SpeakerName, SpeakerTraits>;

const traits: Readonly<Record<string, SpeakerTraits>> = speakerTraits;

/** Whose nodes a speaker is asked for. */
export type SpokenFor = Pick<CoePlan, "kind" | "speaker">;

/** The name of what speaks BGP on the nodes of a COE; undefined for a kind that is none. */
export function speakerName({ kind, speaker }: SpokenFor): string | undefined {
  return speaker ?? Object.entries(coeModels).find(([name]) => name === kind)?.[1].defaultSpeaker;
}

function traitsOf(coe: SpokenFor): SpeakerTraits | undefined {
  const name = speakerName(coe);
  return name !== undefined && Object.hasOwn(traits, name) ? traits[name] : undefined;
}

/** By kind of COE, and as `<kind>/<speaker>` where it is not the usual speaker of its kind. See nodeKind() of the model. */
const nodeTraits: Readonly<Record<string, RouterTraits>> = Object.fromEntries(
  Object.entries(coeModels).flatMap(([kind, { speakers, defaultSpeaker }]) => [
    [kind, speakerTraits[defaultSpeaker].router],
    ...Object.keys(speakers).flatMap((name) => {
      const found = traits[name];
      return found === undefined ? [] : [[`${kind}/${name}`, found.router]];
    }),
  ]),
);

/** By kind of reflector that we run. */
const ownRouterTraits = {
  bird: birdTraits,
  frr: frrTraits,
  gobgp: gobgpTraits,
} satisfies Record<OwnRouterKindName, RouterTraits>;

/** By kind of COE or of reflector, or by dialect of a router that we do not run, how its routers speak BGP: what the plan is proven with. */
export const routerTraits = { ...nodeTraits, ...dialectTraits, ...ownRouterTraits };

/** How the kernels of a COE's nodes name their BGP speaker as who has installed a route. */
export function routeProtocolOf(coe: SpokenFor): string | undefined {
  return traitsOf(coe)?.routeProtocol;
}

/** Whether the nodes of a COE have the routes to each other by BGP, as those to other COEs. */
export function learnsOwnRoutes(coe: SpokenFor): boolean {
  const models: Readonly<Record<string, CoeModel>> = coeModels;
  const facts = models[coe.kind]?.speakers[speakerName(coe) ?? ""];
  return facts?.ownRoutes === undefined;
}

/** Whether some speaker is called so by the kernels that it installs routes in. */
export function isRouteProtocol(protocol: string | undefined): boolean {
  return Object.values(traits).some(({ routeProtocol }) => routeProtocol === protocol);
}

export type { KernelTraits };

/** What the speaker of a COE's nodes leaves in their kernels; undefined for a kind that is none. */
export function kernelTraits(coe: SpokenFor): KernelTraits | undefined {
  return traitsOf(coe)?.kernel;
}
