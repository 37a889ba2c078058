import { z } from "zod";
import { messageOf } from "../../util/errors";
import { waitFor } from "../../util/wait";
import type { Askable } from "./state";
import { readNeighbors } from "./state";

/** Input of the step `reflector-sessions`. */
export const sessionsInput = z.strictObject({
  /** By name: the container of each reflector, and the Docker daemon that runs it. */
  reflectors: z.record(
    z.string(),
    z.strictObject({
      dockerHost: z.string(),
      dockerCerts: z.string().exactOptional(),
      container: z.string(),
    }),
  ),
  /** Addresses of the nodes, by name. */
  nodes: z.record(z.string(), z.string()),
});

export type SessionsInput = z.infer<typeof sessionsInput>;

export interface SessionsOptions {
  /** Milliseconds. Default: 180000, twice the time BIRD takes between two tries at most. */
  readonly timeoutMs?: number;
  readonly say: (message: string) => void;
}

/**
 * Waits until every node has an established session with every reflector.
 * @throws SeamlessError that names those that have none
 */
export async function awaitSessions(
  nodes: SessionsInput["nodes"],
  reflectors: Readonly<Record<string, Askable>>,
  { timeoutMs = 180_000, say }: SessionsOptions,
): Promise<void> {
  const what = "the sessions of all nodes, before the mesh goes off";
  await waitFor({ what, timeoutMs, intervalMs: 500, onWait: say }, async () => {
    const missing: string[] = [];
    for (const [name, daemon] of Object.entries(reflectors)) {
      try {
        const neighbors = await readNeighbors(daemon);
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
