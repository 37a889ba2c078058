import { z } from "zod";
import { messageOf } from "../../util/errors";
import { waitFor } from "../../util/wait";
import type { CoeArgs } from "../contract/deploy";
import type { Askable } from "./contract";
import { namedKind } from "./kinds";
import { reachOf } from "./shell";

const asked = z.record(
  z.string(),
  z.union([
    z.strictObject({
      dockerHost: z.string(),
      dockerCerts: z.string().exactOptional(),
      container: z.string(),
      /** Absent: the first kind there was. */
      kind: z.string().exactOptional(),
    }),
    /** A router that we do not run, and how it is asked. */
    z.strictObject({ program: z.string(), argv: z.array(z.string()).readonly() }),
  ]),
);

/** Input of the step `reflector-sessions`. */
export const sessionsInput = z.strictObject({
  /** By name: the container of each reflector, and the Docker daemon that runs it; or how it is asked. */
  reflectors: asked,
  /** Addresses of the nodes, by name. */
  nodes: z.record(z.string(), z.string()),
});

export type SessionsInput = z.infer<typeof sessionsInput>;

/** What the step prints, and is given back by its next run. */
export const sessionsResult = z.object({ reflectors: asked });

/** Which sessions a COE has to have. */
export function sessionsOf({ plan, coe, reflectors = {} }: CoeArgs): SessionsInput {
  const speakers = Object.values(plan.coes[coe]?.nodes ?? {}).filter((node) => node.speaker);
  return {
    reflectors: Object.fromEntries(
      Object.entries(reflectors).map(([name, running]) => [
        name,
        "argv" in running
          ? { program: running.program, argv: running.argv }
          : { ...reachOf(running), ...namedKind(plan.reflectors[name]?.kind) },
      ]),
    ),
    nodes: Object.fromEntries(speakers.map((node) => [node.name, node.address])),
  };
}

export interface SessionsOptions {
  /** Milliseconds. Default: 180000, twice the longest time between two tries of a node. */
  readonly timeoutMs?: number;
  readonly say: (message: string) => void;
}

type Daemons = Readonly<Record<string, Askable>>;

/**
 * Waits until every node has an established session with every reflector.
 * @throws SeamlessError that names those that have none
 */
export async function awaitSessions(
  nodes: SessionsInput["nodes"],
  reflectors: Daemons,
  { timeoutMs = 180_000, say }: SessionsOptions,
): Promise<void> {
  const what = "the sessions of all nodes, before the mesh goes off";
  await waitForAll(what, nodes, reflectors, { timeoutMs, say });
}

/**
 * Where the mesh is off already: waits until every node that has a session has one with every reflector, so that none of
 * them is without routes when a reflector goes. A node that is away, or still to come, holds up nobody.
 * @param before the reflectors of the last update; they may be gone
 * @throws SeamlessError that names those that have none
 */
export async function followSessions(
  nodes: SessionsInput["nodes"],
  reflectors: Daemons,
  before: Daemons,
  { timeoutMs = 180_000, say }: SessionsOptions,
): Promise<void> {
  const up = new Set<string>();
  for (const daemon of [...Object.values(before), ...Object.values(reflectors)])
    for (const node of await established(nodes, daemon)) up.add(node);
  const those = Object.fromEntries(Object.entries(nodes).filter(([node]) => up.has(node)));
  const what = "the sessions of the nodes that have one, with every reflector";
  await waitForAll(what, those, reflectors, { timeoutMs, say });
}

/** Names of the nodes that have a session with a reflector; none when it does not answer. */
async function established(
  nodes: SessionsInput["nodes"],
  daemon: Askable,
): Promise<readonly string[]> {
  const neighbors = await daemon.kind.neighbors(daemon).catch(() => undefined);
  if (neighbors === undefined) return [];
  return Object.entries(nodes).flatMap(([node, address]) =>
    neighbors[address]?.established === true ? [node] : [],
  );
}

async function waitForAll(
  what: string,
  nodes: SessionsInput["nodes"],
  reflectors: Daemons,
  { timeoutMs, say }: Required<SessionsOptions>,
): Promise<void> {
  if (Object.keys(nodes).length === 0) return;
  await waitFor({ what, timeoutMs, intervalMs: 500, onWait: say }, async () => {
    const missing: string[] = [];
    for (const [name, daemon] of Object.entries(reflectors)) {
      try {
        const neighbors = await daemon.kind.neighbors(daemon);
        const down = Object.entries(nodes).filter(
          ([, address]) => neighbors[address]?.established !== true,
        );
        missing.push(...down.map(([node]) => `${node} with ${name}`));
      } catch (thrown) {
        missing.push(`${name}: ${messageOf(thrown)}`);
      }
    }
    return missing.length === 0
      ? { done: true, value: undefined }
      : { done: false, seen: `not established: ${missing.join(", ")}` };
  });
}
