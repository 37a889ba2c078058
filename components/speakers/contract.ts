import type { Plan } from "../../plan/types";
import type { Family } from "../../util/net";
import type { SpeakerState } from "../ask/router";
import type { Answer } from "../ask/types";

/**
 * How the nodes of COEs speak BGP. A speaker is one folder beside this file and one line in each of the tables of speakers in
 * components/kinds.
 */
export interface Speaker {
  /** Its end of the sessions of one COE, and all else that it is configured by, in the order to apply it. */
  objects(plan: Plan, coe: string): readonly SpeakerObject[];
  /**
   * Asks the daemon of one node, whatever it was configured with.
   * @param families those that the node has sessions of. Default: IPv4
   */
  read(beside: BesideSpeaker, families?: readonly Family[]): Promise<Answer<SpeakerState>>;
  /** How the kernel names who installed the routes that it has learned: the `proto` of `ip route`. */
  readonly routeProtocol: string;
}

/** Runs a program where the daemon of a node can be asked. @returns its standard output */
export type BesideSpeaker = (argv: readonly string[]) => Promise<Answer<string>>;

/** Names an object; what it says is between the speaker and its COE. */
export interface SpeakerObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
