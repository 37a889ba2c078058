import type { AccessConfig, NodeConfig } from "../../config/types";
import type { CoePlan, Plan } from "../../plan/types";
import type { InspectionReport } from "../speakers/calico/inspect/finding";
import type { AdoptedCoe, AdoptRequest } from "./adopt";
import type { MakeProbe } from "./probe";
import type { Steps } from "./step";

/**
 * What the command line needs from a kind of COE: to look at one before it joins, to ask one while it runs, to print what
 * is given to it, and to run the steps of its resources. Each module is loaded when it is used.
 */
export interface CoeRuntime {
  /** The flags of `seamless inspect` that say how such a COE is reached, in place of the configuration. */
  readonly inspectFlags: readonly InspectFlag[];
  /** Looks at a COE and changes nothing. @throws SeamlessError when it does not answer */
  inspect(request: InspectRequest): Promise<InspectionReport>;
  /** Reads a running COE as a configuration would have it, and changes nothing. @throws SeamlessError when it does not answer */
  adopt(request: AdoptRequest): Promise<AdoptedCoe>;
  /**
   * Asks a COE that is there already for its nodes. Absent: the configuration has to name them.
   * @param access what the configuration says of how it is reached
   */
  nodes?(coe: string, access: unknown): Promise<Readonly<Record<string, NodeConfig>>>;
  /** The programs by which such a COE is asked, on the machine that asks. */
  readonly programs: readonly AskingProgram[];
  /** Makes what asks a running COE for `seamless verify`. */
  readonly probe: MakeProbe;
  readonly render: CoeRendering;
  /** The steps that its resources run. */
  readonly steps: Steps;
}

/** What is given to a COE beside what its resources apply, as text for people. */
export interface CoeRendering {
  /** The objects by which its nodes speak BGP, where these are a cluster's own; undefined where another rendering has them. */
  speaker?(plan: Plan, coe: CoePlan): Promise<string | undefined>;
  /** The files by which its nodes know the container network, or a comment why there are none. */
  network(coe: CoePlan, access: AccessConfig): Promise<string>;
  /**
   * What its name servers are told of the zones of others, as the files that they read.
   * @param forwards by zone, the name servers of other COEs
   */
  names(forwards: Readonly<Record<string, readonly string[]>>): Promise<string>;
  /**
   * Its services with the addresses of their containers, asked of it now, as a hosts file for a name server of the user's.
   * Absent: it has name servers of its own.
   */
  records?(coe: CoePlan, access: AccessConfig): Promise<string>;
}

/** A program that asks a COE. */
export interface AskingProgram {
  readonly program: string;
  readonly why: string;
  /** Arguments by which it tells its version without asking anybody. Absent: it does not. */
  readonly version?: readonly string[];
}

export interface InspectFlag {
  readonly name: string;
  /** As commander takes it, such as `--url <url>`. */
  readonly option: string;
  readonly description: string;
  /** Whether the flag alone says how a COE is reached. Default: it only adds to another. */
  readonly reaches?: true;
}

/** What an inspection is given. */
export interface InspectRequest {
  readonly coe: CoePlan;
  /** All of it; each kind takes out of it what its speaker is configured from. */
  readonly plan: Plan;
  readonly access: AccessConfig;
  /** By name, the flags that were given; each is one of the kind's own. */
  readonly flags: Readonly<Record<string, unknown>>;
}
