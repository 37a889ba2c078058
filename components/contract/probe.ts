import type { z } from "zod";
import type { CoeAccess } from "../../plan/access";
import type { CoePlan, Plan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import type {
  Answer,
  CoeContainer,
  CoeNode,
  IpamBlock,
  LeftBehind,
  NamedService,
  ObjectFault,
  ServiceAddress,
  Workload,
} from "../ask/types";

/** What the verifier needs from a COE: where its probes run, how one of them fetches, how a node is asked. */
export interface KindProbe {
  /** The running probe servers; undefined when the COE cannot be asked at all. */
  workloads(): Promise<Answer<readonly Workload[]>>;
  /** The addresses of the service in front of the probe; absent for kinds that have none. */
  services?(): Promise<Answer<readonly ServiceAddress[]>>;
  /** The name of the probe in the COE's own zones; undefined where others do not resolve them. */
  readonly host: string | undefined;
  /** Uses an add-on or a package as users do, and says in one line what came; absent for kinds that have none. */
  addon?(name: string): Promise<Answer<string>>;
  /** Has a workload GET a URL and returns the body. */
  fetch(from: Workload, url: string): Promise<Answer<string>>;
  /** Runs a program in the container of a workload; absent for kinds whose containers are entered on their nodes. */
  inside?(from: Workload, argv: readonly string[]): Promise<Answer<string>>;
  /** Runs a program in the network of a node that is reached through the COE itself. */
  onNode?(node: string, argv: readonly string[]): Promise<Answer<string>>;
  /** All running containers that have an address of their own. */
  containers(): Promise<Answer<readonly CoeContainer[]>>;
  /** All services that have addresses of their own; absent for kinds whose services have none. */
  named?(): Promise<Answer<readonly NamedService[]>>;
  /** The blocks of addresses that the COE's IPAM has given to nodes. */
  blocks(): Promise<Answer<readonly IpamBlock[]>>;
  /** All nodes of the COE, in the plan or not. */
  nodes(): Promise<Answer<readonly CoeNode[]>>;
  /** In what the objects differ from the plan by which the COE's nodes speak BGP and let others in. */
  objects(plan: Plan): Promise<Answer<readonly ObjectFault[]>>;
  /**
   * What a stack that is gone has left of the plan's objects, and what it has not given back as it found it.
   * @param printed what the steps of the COE's resources printed, by the ends of the resources' names; empty where nobody
   * kept it
   */
  left(plan: Plan, printed: Readonly<Record<string, string>>): Promise<Answer<LeftBehind>>;
  /** Runs a program where the BGP speaker of a node can be asked. */
  besideSpeaker(node: string, argv: readonly string[]): Promise<Answer<string>>;
}

export type MakeProbe = (coe: CoePlan, access: CoeAccess, scratch: string) => Promise<KindProbe>;

/**
 * How a COE is reached, as far as its kind needs to know.
 * @throws SeamlessError when the stack outputs say something else there
 */
export function accessAs<T>(schema: z.ZodType<T>, coe: CoePlan, access: CoeAccess): T {
  const result = schema.safeParse(access);
  if (result.success) return result.data;
  const what = result.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
  throw new SeamlessError(`access.coes.${coe.name}: ${what.join("; ")}`, exitCode.usage);
}

/** Name of the probe in every COE. */
export const probeName = "seamless-probe";

/** Port the probe listens on. */
export const probePort = 8080;

/** Seconds a GET may take before it counts as dropped. */
export const fetchSeconds = 5;

/** GETs a URL and fails on an HTTP error. */
export function curl(url: string): string[] {
  return ["curl", "-sS", "-f", "-m", String(fetchSeconds), url];
}

/** The exit code of curl when the time is over (curl(1), "EXIT CODES"). */
export const curlSilence = 28;
