import type { CoePlan } from "../plan/types";
import type { LabPorts } from "./hosts/types";

/** What starting an engine on its hosts may use. */
export interface StartContext {
  readonly lab: string;
  readonly coe: CoePlan;
  readonly ports: LabPorts;
  /** Digest of the lab's images; where a host has those of another, they are given to it again. */
  readonly images: string;
  readonly say: (message: string) => void;
}

/** Brings an engine from booted hosts to an API that answers. Does nothing where that is so already. */
export type StartEngine = (context: StartContext) => Promise<void>;
