import type { SpeakerFacts } from "../../config/kind";
import type { PlannedKind } from "../../plan/kind";

/**
 * The pure side of a kind of COE: what the configuration and the plan ask of it.
 * @typeParam Speaker names of what can speak BGP on its nodes; each is in the tables of speakers in components/kinds
 */
export interface CoeModel<Speaker extends string = string> extends PlannedKind {
  readonly speakers: Readonly<Record<Speaker, SpeakerFacts>>;
  readonly defaultSpeaker: Speaker;
}
