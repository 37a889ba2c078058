import { z } from "zod";
import { listOf } from "../util/ranges";
import type { ServiceRangeName } from "./kind";
import { isFields, type Readable, readable } from "./readable";
import {
  fromCluster,
  networkSchema,
  type nodeSchema,
  type RackConfig,
  writtenCoe,
  writtenReflector,
} from "./types";

/** What can be read of a configuration, whatever else is wrong with it. */
export interface Draft {
  readonly network: Omit<Readable<z.infer<typeof networkSchema>>, "supernet" | "nodes"> & {
    readonly supernet?: readonly string[] | undefined;
    /** Where they are a range or a list. */
    readonly nodes?: readonly string[] | undefined;
    /** Where they have names. */
    readonly racks?: Readonly<Record<string, Readable<RackConfig>>> | undefined;
  };
  readonly reflectors: Readonly<Record<string, ReflectorDraft>>;
  readonly coes: Readonly<Record<string, CoeDraft>>;
  readonly lab: {
    readonly name?: string | undefined;
    readonly ports: Readonly<Record<string, number>>;
  };
}

export interface ReflectorDraft extends Readable<z.infer<typeof writtenReflector>> {
  /** Whether the lab makes its machine. */
  readonly embedded: boolean;
  /** All of it as it is written: its kind reads its own fields of it. */
  readonly written: Readonly<Record<string, unknown>>;
}
export type NodeDraft = Readable<z.infer<typeof nodeSchema>>;

export interface CoeDraft
  extends Omit<
    Readable<z.infer<typeof writtenCoe>>,
    "podCidr" | "access" | "nodes" | "blockSize" | "blockSize6" | ServiceRangeName
  > {
  readonly podCidr: readonly string[] | undefined;
  readonly serviceCidr: readonly string[] | undefined;
  readonly loadBalancerCidr: readonly string[] | undefined;
  readonly externalCidr: readonly string[] | undefined;
  /** With the network's as default. */
  readonly blockSize: number | undefined;
  /** With the network's as default; undefined where neither says any. */
  readonly blockSize6: number | undefined;
  /** Whether it is in the lab. */
  readonly embedded: boolean;
  /** Undefined when it is embedded, or nothing that could be judged. */
  readonly access: Readonly<Record<string, unknown>> | undefined;
  /** None when the COE itself says which it has. */
  readonly nodes: Readonly<Record<string, NodeDraft>>;
  readonly nodesFromCluster: boolean;
  /** All of it as it is written: its kind reads its own fields of it. */
  readonly written: Readonly<Record<string, unknown>>;
}

const labShape = z.object({
  name: z.string(),
  ports: z.record(z.string(), z.number()),
});

/** @param lab what a lab has where the configuration says nothing of it */
export function readDraft(raw: Readonly<Record<string, unknown>>, lab: Draft["lab"]): Draft {
  const { nodes, ...rest } = readable(networkSchema, raw.network) ?? { blockSize: 26 };
  const given = readable(labShape, raw.lab);
  return {
    network: { ...rest, supernet: list(rest.supernet), ...nodeNetworks(nodes) },
    reflectors: records(raw.reflectors, (written) => ({
      ...readable(writtenReflector, written),
      embedded: written.access === "embedded",
      written,
    })),
    coes: records(raw.coes, (one) => coeDraft(one, rest)),
    lab: { name: given?.name ?? lab.name, ports: { ...lab.ports, ...given?.ports } },
  };
}

type Nodes = Readable<z.infer<typeof networkSchema>>["nodes"];

function nodeNetworks(nodes: Nodes): Pick<Draft["network"], "nodes" | "racks"> {
  return isRange(nodes) ? { nodes: list(nodes) } : { racks: nodes };
}

function isRange(nodes: Nodes): nodes is string | readonly string[] | undefined {
  return nodes === undefined || typeof nodes === "string" || Array.isArray(nodes);
}

function coeDraft(
  written: Readonly<Record<string, unknown>>,
  network: Pick<Draft["network"], "blockSize" | "blockSize6">,
): CoeDraft {
  const { podCidr, access, nodes, ...rest } = readable(writtenCoe, written) ?? {};
  return {
    ...rest,
    podCidr: list(podCidr),
    serviceCidr: list(rest.serviceCidr),
    loadBalancerCidr: list(rest.loadBalancerCidr),
    externalCidr: list(rest.externalCidr),
    blockSize: written.blockSize === undefined ? network.blockSize : rest.blockSize,
    blockSize6: written.blockSize6 === undefined ? network.blockSize6 : rest.blockSize6,
    embedded: access === "embedded",
    access: typeof access === "object" ? access : undefined,
    nodes: typeof nodes === "object" ? nodes : {},
    nodesFromCluster: nodes === fromCluster,
    written,
  };
}

function records<T>(
  value: unknown,
  make: (one: Readonly<Record<string, unknown>>) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(isFields(value) ? value : {}).map(([name, one]) => [
      name,
      make(isFields(one) ? one : {}),
    ]),
  );
}

function list(ranges: string | readonly string[] | undefined): readonly string[] | undefined {
  return ranges === undefined ? undefined : listOf(ranges);
}
