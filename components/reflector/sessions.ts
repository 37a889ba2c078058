import { z } from "zod";
import { keyIn } from "../../plan/families";
import { familiesOfCoe } from "../../plan/one-family";
import { endsAt } from "../../plan/sessions";
import type { Plan } from "../../plan/types";
import { messageOf } from "../../util/errors";
import { familyOf } from "../../util/net";
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
  /**
   * By name of a reflector, the same of those that have sessions with it, where that differs: routers of racks have them with the
   * nodes of their rack; nodes with IPv6 are there a second time, with `/ipv6` behind their names. Absent: every node has one
   * session with each.
   */
  sessions: z.record(z.string(), z.record(z.string(), z.string())).exactOptional(),
});

export type SessionsInput = z.infer<typeof sessionsInput>;

/** What the step prints, and is given back by its next run. */
export const sessionsResult = z.object({ reflectors: asked });

/** Which sessions a COE has to have. */
export function sessionsOf({ plan, coe, reflectors = {} }: CoeArgs): SessionsInput {
  const speakers = Object.values(plan.coes[coe]?.nodes ?? {}).filter((node) => node.speaker);
  return {
    reflectors: reachedBy(plan, reflectors),
    nodes: Object.fromEntries(speakers.map((node) => [node.name, node.address])),
    ...differing(plan, coe, Object.keys(reflectors)),
  };
}

/**
 * By reflector, the far ends of its sessions with a COE that has IPv6, or nodes in racks with routers, or nodes that have none
 * with some reflector.
 * @param asked names of the reflectors that are asked
 */
function differing(
  plan: Plan,
  name: string,
  asked: readonly string[],
): Pick<SessionsInput, "sessions"> {
  const coe = plan.coes[name];
  const inRacks = asked.some((reflector) => plan.reflectors[reflector]?.rack !== undefined);
  if (coe === undefined) return {};
  const speakers = Object.values(coe.nodes).filter((node) => node.speaker);
  const inPart = asked.some((reflector) => {
    const far = new Set(endsAt(plan.sessions, reflector).map((ends) => ends.far.id));
    return speakers.some(({ id }) => !far.has(id));
  });
  if (!(inRacks || inPart || familiesOfCoe(coe).includes(6))) return {};
  const entries = Object.keys(plan.reflectors).map((reflector) => {
    const own = endsAt(plan.sessions, reflector).flatMap(({ far }) => {
      const node = Object.values(coe.nodes).find(({ id }) => id === far.id);
      const family = familyOf(far.address) ?? 4;
      return node === undefined ? [] : [[keyIn(node.name, family), far.address] as const];
    });
    return [reflector, Object.fromEntries(own)] as const;
  });
  return { sessions: Object.fromEntries(entries) };
}

/** How reflectors are asked, by name. */
export function reachedBy(
  plan: Plan,
  reflectors: Readonly<Record<string, Reach>>,
): SessionsInput["reflectors"] {
  return Object.fromEntries(
    Object.entries(reflectors).map(([name, running]) => [
      name,
      "argv" in running
        ? { program: running.program, argv: running.argv }
        : { ...reachOf(running), ...namedKind(plan.reflectors[name]?.kind) },
    ]),
  );
}

type Reach =
  | Parameters<typeof reachOf>[0]
  | { readonly program: string; readonly argv: readonly string[] };

export interface SessionsOptions {
  /** Milliseconds. Default: 180000, twice the longest time between two tries of a node. */
  readonly timeoutMs?: number;
  /** By name of a reflector, the nodes that have sessions with it. Default: all. */
  readonly sessions?: Readonly<Record<string, SessionsInput["nodes"]>> | undefined;
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
  { timeoutMs = 180_000, say, sessions }: SessionsOptions,
): Promise<void> {
  const what = "the sessions of all nodes, before the mesh goes off";
  const of = (reflector: string) => sessions?.[reflector] ?? nodes;
  await waitForAll(what, of, reflectors, { timeoutMs, say });
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
  { timeoutMs = 180_000, say, sessions }: SessionsOptions,
): Promise<void> {
  const all = { ...nodes, ...Object.assign({}, ...Object.values(sessions ?? {})) };
  const up = new Set<string>();
  for (const daemon of [...Object.values(before), ...Object.values(reflectors)])
    for (const node of await established(all, daemon)) up.add(node);
  const of = (reflector: string) =>
    Object.fromEntries(
      Object.entries(sessions?.[reflector] ?? nodes).filter(([node]) => up.has(node)),
    );
  const what = "the sessions of the nodes that have one, with every reflector";
  await waitForAll(what, of, reflectors, { timeoutMs, say });
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
  nodesOf: (reflector: string) => SessionsInput["nodes"],
  reflectors: Daemons,
  { timeoutMs, say }: Required<Pick<SessionsOptions, "timeoutMs" | "say">>,
): Promise<void> {
  if (Object.keys(reflectors).every((name) => Object.keys(nodesOf(name)).length === 0)) return;
  await waitFor({ what, timeoutMs, intervalMs: 500, onWait: say }, async () => {
    const missing: string[] = [];
    for (const [name, daemon] of Object.entries(reflectors)) {
      try {
        const neighbors = await daemon.kind.neighbors(daemon);
        const down = Object.entries(nodesOf(name)).filter(
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
