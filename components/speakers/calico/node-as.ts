import { z } from "zod";
import { parseAsNumber } from "../../../util/as-number";
import { waitFor } from "../../../util/wait";
import type { CalicoNode } from "./types";

/** A node as Calico's datastore has it. */
export interface StoredNode {
  /** Its name there. */
  readonly id: string;
  /** IPv4 address of its BGP speaker, where the datastore is asked for it. */
  readonly address?: string;
  /** Its own AS as it stands there; absent or unreadable: it is in that of BGPConfiguration. */
  readonly asn?: string;
}

/** Where Calico keeps what it knows of nodes. */
export interface NodeStore {
  list(): Promise<readonly StoredNode[]>;
  /** Whether that is a node of the plan. */
  matches(node: StoredNode, name: string, planned: CalicoNode): boolean;
  /** Sets a node's own AS, or takes it away. */
  write(id: string, asn: string | undefined): Promise<void>;
}

/** The AS that nodes are to have. */
export const wantedAsns = z.strictObject({
  /** That of BGPConfiguration. */
  asn: z.number(),
  /** By name in the plan. */
  nodes: z.record(z.string(), z.strictObject({ address: z.string(), asn: z.number() })),
});

type WantedAsns = z.infer<typeof wantedAsns>;

/** By name in the datastore, what was set and what had been there before: a step prints it, and its next run gets it. */
export const givenAsns = z.record(
  z.string(),
  z.object({ set: z.number(), before: z.string().exactOptional() }),
);

export type GivenAsns = z.infer<typeof givenAsns>;

export interface StepOptions {
  /** Told what is done. */
  readonly say: (message: string) => void;
  /** Milliseconds for the nodes to be there. Default: 60000. */
  readonly timeoutMs?: number;
}

/**
 * Sets the AS of each node that would have another one. A node that has its own keeps it as long as it is right: when
 * BGPConfiguration changes next, no session is reset.
 * @returns what has to be given back, of this run and of earlier ones
 * @throws SeamlessError that names nodes that are not there, before anything is set
 */
export async function setAsns(
  store: NodeStore,
  wanted: WantedAsns,
  previous: GivenAsns,
  options: StepOptions,
): Promise<GivenAsns> {
  const given: GivenAsns = { ...previous };
  for (const [node, planned] of await plannedNodes(store, wanted, options)) {
    const own = parseAsNumber(node.asn ?? "");
    if ((own ?? wanted.asn) === planned.asn) continue;
    options.say(`${node.id}: AS ${own ?? `${wanted.asn} of all`} -> ${planned.asn}`);
    await store.write(node.id, String(planned.asn));
    const before = node.id in previous ? previous[node.id]?.before : node.asn;
    given[node.id] = { set: planned.asn, ...(before === undefined ? {} : { before }) };
  }
  return given;
}

type Found = readonly (readonly [StoredNode, CalicoNode])[];

/** A node gets an AS of its own only when calico-node has been there, which makes its object. */
async function plannedNodes(
  store: NodeStore,
  { asn, nodes }: WantedAsns,
  { say, timeoutMs = 60_000 }: StepOptions,
): Promise<Found> {
  const what = "Calico to know all nodes that are in another AS";
  return waitFor({ what, timeoutMs, intervalMs: 1_000, onWait: say }, async () => {
    const stored = await store.list();
    const missing: string[] = [];
    const found = Object.entries(nodes).flatMap(([name, planned]): Found => {
      const node = stored.find((one) => store.matches(one, name, planned));
      if (node !== undefined) return [[node, planned]];
      if (planned.asn !== asn) missing.push(`${name} (AS ${planned.asn})`);
      return [];
    });
    return missing.length === 0
      ? { done: true, value: found }
      : { done: false, seen: `no node ${missing.join(", ")}` };
  });
}

/** Puts back what was there before, where nobody has set it anew since. */
export async function giveBackAsns(
  store: NodeStore,
  given: GivenAsns,
  { say }: StepOptions,
): Promise<void> {
  if (Object.keys(given).length === 0) return;
  const stored = new Map((await store.list()).map((node) => [node.id, node.asn]));
  for (const [id, { set, before }] of Object.entries(given)) {
    if (parseAsNumber(stored.get(id) ?? "") !== set) continue;
    say(`${id}: AS ${set} -> ${before ?? "that of all"}`);
    await store.write(id, before);
  }
}
