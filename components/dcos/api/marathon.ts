import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { messageOf, SeamlessError } from "../../util/errors";

const taskReply = z.object({
  id: z.string(),
  state: z.string().default(""),
  host: z.string().default(""),
  ipAddresses: z.array(z.object({ ipAddress: z.string() })).default([]),
});

const appReply = z.object({
  app: z.looseObject({
    id: z.string(),
    instances: z.number(),
    version: z.string().default(""),
    tasksRunning: z.number().default(0),
    tasksHealthy: z.number().default(0),
    tasksUnhealthy: z.number().default(0),
    tasks: z.array(taskReply).default([]),
    lastTaskFailure: z
      .object({ message: z.string().default(""), host: z.string().default(""), state: z.string() })
      .optional(),
  }),
});

const deployReply = z.object({ deploymentId: z.string(), version: z.string() });

const deploymentsReply = z.array(
  z.object({ id: z.string(), affectedApps: z.array(z.string()).default([]) }),
);

const queueReply = z.object({
  queue: z
    .array(
      z.object({
        app: z.object({ id: z.string() }).optional(),
        count: z.number().default(0),
        delay: z.object({ timeLeftSeconds: z.number().default(0) }).optional(),
        processedOffersSummary: z
          .object({
            rejectSummaryLastOffers: z
              .array(z.object({ reason: z.string(), declined: z.number(), processed: z.number() }))
              .default([]),
          })
          .optional(),
      }),
    )
    .default([]),
});

const lockReply = z.object({ deployments: z.array(z.object({ id: z.string() })).min(1) });

export type MarathonAppState = z.infer<typeof appReply>["app"];
export type MarathonDeployment = z.infer<typeof deploymentsReply>[number];
export type QueueItem = z.infer<typeof queueReply>["queue"][number];

/** What came of a change: accepted as a deployment, or refused while others are at the app. */
export type ChangeReply =
  | { readonly deploymentId: string; readonly version: string }
  | { readonly lockedBy: readonly string[] };

export interface MarathonOptions {
  /** Base URL of Marathon; by Admin Router `https://<cluster>/service/marathon`. */
  readonly url: string;
  /** Authentication token of DC/OS. */
  readonly token?: string;
  /** Milliseconds for which a server that does not answer, or answers 5xx, is asked again. Default: 60000. */
  readonly patienceMs?: number;
  readonly say: (message: string) => void;
}

/** No answer within the patience: the service is away, as opposed to having refused. */
export class MarathonUnreachable extends SeamlessError {}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const requestTimeoutMs = 10_000;
const retryMs = 1_000;
const sayEveryMs = 5_000;

/** As much of Marathon's API (v2) as the project uses. */
export class MarathonClient {
  private readonly base: string;

  constructor(private readonly options: MarathonOptions) {
    this.base = options.url.replace(/\/+$/, "");
  }

  /** @returns undefined when there is no such app */
  async app(id: string): Promise<MarathonAppState | undefined> {
    const path = `/v2/apps/${id}?embed=app.tasks&embed=app.lastTaskFailure`;
    const answer = await this.request("GET", path);
    if (answer.status === 404) return undefined;
    return this.read("GET", path, answer, appReply).app;
  }

  /** Makes an app what is given, fields that are not named included. */
  async putApp(app: { readonly id: string }, force: boolean): Promise<ChangeReply> {
    const path = `/v2/apps/${app.id}?partialUpdate=false&force=${force}`;
    return this.change("PUT", path, await this.request("PUT", path, app));
  }

  /** @returns undefined when there is no such app */
  async deleteApp(id: string, force: boolean): Promise<ChangeReply | undefined> {
    const path = `/v2/apps/${id}?force=${force}`;
    const answer = await this.request("DELETE", path);
    return answer.status === 404 ? undefined : this.change("DELETE", path, answer);
  }

  async deployments(): Promise<readonly MarathonDeployment[]> {
    const path = "/v2/deployments";
    return this.read("GET", path, await this.request("GET", path), deploymentsReply);
  }

  async queue(): Promise<readonly QueueItem[]> {
    const path = "/v2/queue";
    return this.read("GET", path, await this.request("GET", path), queueReply).queue;
  }

  private change(method: string, path: string, answer: Answer): ChangeReply {
    if (answer.status === 409) {
      const locked = lockReply.safeParse(jsonOf(answer.text));
      if (locked.success) return { lockedBy: locked.data.deployments.map(({ id }) => id) };
    }
    return this.read(method, path, answer, deployReply);
  }

  private read<T>(method: string, path: string, answer: Answer, schema: z.ZodType<T>): T {
    if (answer.status >= 300) throw this.refused(method, path, answer);
    const parsed = schema.safeParse(jsonOf(answer.text));
    if (parsed.success) return parsed.data;
    throw new SeamlessError(
      `${method} ${this.base}${path}: HTTP ${answer.status}, but not an answer of Marathon's: ${excerpt(answer.text)}; the URL has to be Marathon's own, by Admin Router https://<cluster>/service/marathon`,
    );
  }

  private refused(method: string, path: string, { status, text }: Answer): SeamlessError {
    const hint =
      status === 401 || status === 403
        ? "; set the token anew: pulumi config set --secret --path 'seamless:tokens[\"<engine>\"]' <token>"
        : "";
    return new SeamlessError(
      `${method} ${this.base}${path}: HTTP ${status}: ${excerpt(text)}${hint}`,
    );
  }

  /** Sends a request until there is an answer other than 5xx, within the patience. */
  private async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const begun = performance.now();
    const patienceMs = this.options.patienceMs ?? 60_000;
    let said = begun;
    for (;;) {
      const { answer, error } = await this.send(method, path, body);
      if (answer !== undefined) return answer;
      const now = performance.now();
      if (now - begun >= patienceMs) {
        const seconds = Math.round(patienceMs / 1000);
        throw new MarathonUnreachable(
          `${method} ${this.base}${path}: gave up after ${seconds} s: ${error}`,
        );
      }
      if (now - said >= sayEveryMs) {
        said = now;
        this.options.say(`waiting for Marathon at ${this.base}: ${error}`);
      }
      await pause(Math.min(retryMs, patienceMs));
    }
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
  ): Promise<{ readonly answer?: Answer; readonly error?: string }> {
    const { token } = this.options;
    try {
      const response = await fetch(`${this.base}${path}`, {
        method,
        headers: {
          Accept: "application/json",
          ...(token === undefined ? {} : { Authorization: `token=${token}` }),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const text = await response.text();
      // Marathon says 500 for an address it does not know; asking again is of no use.
      const lasting = response.status < 500 || text.includes("URI not found");
      if (lasting) return { answer: { status: response.status, text } };
      return { error: `HTTP ${response.status}: ${excerpt(text)}` };
    } catch (thrown) {
      const cause = thrown instanceof Error ? thrown.cause : undefined;
      return { error: cause === undefined ? messageOf(thrown) : messageOf(cause) };
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Admin Router answers with pages for people. */
function excerpt(text: string): string {
  const words = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return words.length > 600 ? `${words.slice(0, 600)}...` : words;
}
