import { readFile } from "node:fs/promises";

/** One resource operation of an update, in seconds since the epoch. */
export interface Operation {
  readonly urn: string;
  readonly start: number;
  readonly end: number;
}

interface EngineEvent {
  readonly timestamp: number;
  readonly resourcePreEvent?: {
    readonly metadata: {
      readonly urn: string;
      readonly op: string;
      /** Empty for components and for the stack itself, which end when all that is below has ended. */
      readonly provider: string;
    };
  };
  readonly resOutputsEvent?: { readonly metadata: { readonly urn: string } };
}

/** Reads the file of `pulumi --event-log`: which resource was worked on from when to when. Whole seconds. */
export async function readOperations(file: string): Promise<Operation[]> {
  const events = (await readFile(file, "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line): EngineEvent => JSON.parse(line));
  const started = new Map<string, number>();
  const operations: Operation[] = [];
  for (const event of events) {
    const begin = event.resourcePreEvent?.metadata;
    if (begin !== undefined && begin.op !== "same" && begin.provider !== "")
      started.set(begin.urn, event.timestamp);
    const urn = event.resOutputsEvent?.metadata.urn;
    const start = urn === undefined ? undefined : started.get(urn);
    if (urn !== undefined && start !== undefined)
      operations.push({ urn, start, end: event.timestamp });
  }
  return operations;
}

/** Seconds during which at least one of the operations was under way. */
export function busySeconds(operations: readonly Operation[]): number {
  const sorted = [...operations].sort((a, b) => a.start - b.start);
  let busy = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, end } of sorted) {
    busy += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return busy;
}
