import { isRecord } from "../../../util/json";

/** What the scheduler keeps of its framework. */
export interface EtcdState {
  frameworkId: string | undefined;
  /** All members have been healthy once: from then on others join one by one. */
  deployed: boolean;
  /** By index. */
  readonly nodes: Map<number, EtcdNode>;
}

/** One member and its task. */
export interface EtcdNode {
  /** Name of the agent. */
  readonly agent: string;
  /** Address of the agent. */
  readonly address: string;
  /** A UUID for each start of it. */
  readonly run: string;
  /** A UUID for its data: as long as it stays, a start finds what the last one left on the agent. */
  readonly volume: string;
  /** etcd's `--initial-cluster` when it joined. */
  readonly cluster: string;
  readonly join: "new" | "existing";
  /** What it was started with, to tell whether a start again is due. */
  readonly flags: readonly string[];
  readonly cpus: number;
  readonly mem: number;
  /** It may run: with the strategy `serial` one waits for those before it. */
  readonly launched: boolean;
}

export function emptyEtcd(): EtcdState {
  return { frameworkId: undefined, deployed: false, nodes: new Map() };
}

export function dumpEtcd({ frameworkId, deployed, nodes }: EtcdState): string {
  return JSON.stringify({ frameworkId, deployed, nodes: [...nodes] });
}

/** The state from what {@link dumpEtcd} made. */
export function loadEtcd(text: string | undefined): EtcdState {
  if (text === undefined) return emptyEtcd();
  const value: unknown = JSON.parse(text);
  if (!isDump(value)) throw new Error("the state is of another version of this program; remove it");
  return { frameworkId: value.frameworkId, deployed: value.deployed, nodes: new Map(value.nodes) };
}

interface Dump {
  readonly frameworkId: string | undefined;
  readonly deployed: boolean;
  readonly nodes: [number, EtcdNode][];
}

/** Written by this program alone, hence looked at no closer. */
function isDump(value: unknown): value is Dump {
  return isRecord(value) && typeof value.deployed === "boolean" && Array.isArray(value.nodes);
}
