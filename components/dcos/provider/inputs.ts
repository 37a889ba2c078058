/** What the resource type is given, and what it works with. */
import { z } from "zod";
import type { CallContext } from "../../../providers/base/provider";
import { dcosAccess } from "../api/access";
import { CosmosClient } from "../api/cosmos";
import { MarathonClient, rootMarathon } from "../api/marathon";
import { DcosSession } from "../api/session";

export type Json = Readonly<Record<string, unknown>>;
export type Context = CallContext<undefined>;

const json = z.record(z.string(), z.unknown());
const seconds = z.number().positive();

/** Fields as `components/dcos/package.ts` describes them. */
export const packageInputs = z.strictObject({
  cluster: dcosAccess,
  packageName: z.string().min(1),
  version: z.string().min(1).optional(),
  options: json.optional(),
  appId: z
    .string()
    .regex(/^(\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?)+$/, {
      error: ({ input }) =>
        `found ${JSON.stringify(input)}; allowed: an absolute id such as /marathon-user: lower case, digits, dashes and dots between slashes`,
    })
    .optional(),
  adopt: z.boolean().optional(),
  removeApps: z.boolean().optional(),
  timeouts: z
    .strictObject({
      answer: seconds.optional(),
      deploy: seconds.optional(),
      remove: seconds.optional(),
    })
    .optional(),
  // Found out by the check, so that a preview can tell them; a program has no way to set them.
  installedVersion: z.string().optional(),
  serviceName: z.string().optional(),
  servicePath: z.string().optional(),
  app: json.optional(),
});
export type PackageInputs = z.infer<typeof packageInputs>;

/** The clients of one cluster. */
export interface Cluster {
  readonly session: DcosSession;
  readonly cosmos: CosmosClient;
  /** The root Marathon, which runs all packages. */
  readonly marathon: MarathonClient;
}

/** Cosmos may have to fetch a repository first. */
const answerMs = 30_000;

export interface Patience {
  /** Milliseconds for which a cluster that is away is asked again. */
  readonly patienceMs: number;
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
}

export function connect(inputs: PackageInputs, ctx: Context, patience?: Patience): Cluster {
  const answer = (inputs.timeouts?.answer ?? 60) * 1000;
  const session = new DcosSession(inputs.cluster, {
    patienceMs: answer,
    timeoutMs: answerMs,
    ...patience,
    signal: ctx.signal,
    say: sayTo(ctx),
  });
  return {
    session,
    cosmos: new CosmosClient(session),
    marathon: new MarathonClient(session, rootMarathon),
  };
}

/** Shows progress while the resource is worked on. */
export function sayTo(ctx: Context): (message: string) => void {
  return (message) => ctx.log("info", message, { ephemeral: true });
}

/** The time that is left of a number of seconds from now on. */
export function countdown(total: number): () => number {
  const begun = performance.now();
  return () => Math.max(0, total * 1000 - (performance.now() - begun));
}
