import type { CoeAccess } from "../../plan/access";
import type { CoePlan } from "../../plan/types";
import type { Answer, ServiceAddress, Workload } from "../ask/types";

/** What the verifier needs from a kind of engine: where its probes run, how one of them fetches, how a node is asked. */
export interface KindProbe {
  /** The running probe servers; undefined when the engine cannot be asked at all. */
  workloads(): Promise<Answer<readonly Workload[]>>;
  /** The addresses of the service in front of the probe; absent for engines that have none. */
  services?(): Promise<Answer<readonly ServiceAddress[]>>;
  /** The name of the probe in the engine's own zones; undefined where others do not resolve them. */
  readonly host: string | undefined;
  /** Uses an add-on or a package as users do, and says in one line what came; absent for engines that have none. */
  addon?(name: string): Promise<Answer<string>>;
  /** Has a workload GET a URL and returns the body. */
  fetch(from: Workload, url: string): Promise<Answer<string>>;
  /** Runs a program in the network of a node whose shell is `kubectl`. */
  onNode?(node: string, argv: readonly string[]): Promise<Answer<string>>;
}

export type MakeProbe = (coe: CoePlan, access: CoeAccess, scratch: string) => Promise<KindProbe>;

/** Name of the probe in every engine: Deployment, label and namespace on Kubernetes, app id on Marathon. */
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

/** GETs a URL in a pod of the probe; ends with {@link getSilence} when the time is over. */
export function busyboxGet(url: string): string[] {
  // busybox's own -T crashes in some static builds, so the time limit is a program of its own.
  const limit = ["/bin/busybox", "timeout", String(fetchSeconds)];
  return [...limit, "/bin/busybox", "wget", "-qO-", url];
}

/** The exit code of a program that was ended by SIGTERM, as busybox's timeout does. */
export const getSilence = 143;
