import { birdOnHost } from "./bird";
import { frrOnHost } from "./frr";
import type { HostInput } from "./input";
import type { HostSpeaker } from "./speaker";

/** What can speak BGP on a host, by the field that has its files. */
const speakers = { bird: birdOnHost, frr: frrOnHost } satisfies Record<
  Extract<keyof HostInput, "bird" | "frr">,
  HostSpeaker
>;

/** What is to speak BGP on a host. */
export function hostSpeaker({ frr }: Pick<HostInput, "frr">): HostSpeaker {
  return frr === undefined ? speakers.bird : speakers.frr;
}

/** What else may have been there for an earlier plan. */
export function otherSpeakers(input: Pick<HostInput, "frr">): readonly HostSpeaker[] {
  const own = hostSpeaker(input);
  return Object.values(speakers).filter((one) => one !== own);
}
