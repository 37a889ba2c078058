import { bird } from "../speakers/bird";
import { calico } from "../speakers/calico";
import type { Speaker } from "../speakers/contract";
import { frr } from "../speakers/frr";
import { frrK8s } from "../speakers/frr-k8s";
import type { SpeakerName } from "./names";
import { type SpokenFor, speakerName } from "./traits";

/** By name, how nodes speak BGP. */
export const speakers = { bird, calico, frr, "frr-k8s": frrK8s } satisfies Record<
  SpeakerName,
  Speaker
>;

const byName: Readonly<Record<string, Speaker>> = speakers;

/** How the nodes of a COE speak BGP; undefined for a kind or a speaker that is none. */
export function speakerOf(coe: SpokenFor): Speaker | undefined {
  const name = speakerName(coe);
  return name === undefined ? undefined : byName[name];
}
