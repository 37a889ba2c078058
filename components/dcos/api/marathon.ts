import type { z } from "zod";
import { SeamlessError } from "../../../util/errors";
import {
  type Answer,
  type DcosSession,
  excerpt,
  isUnknownService,
  jsonOf,
  wasUnknownService,
} from "./session";
import {
  appReply,
  appsReply,
  deploymentsReply,
  deployReply,
  lockReply,
  type MarathonAppState,
  type MarathonDeployment,
  type QueueItem,
  queueReply,
} from "./shapes";

/** What came of a change: accepted as a deployment, or refused while others are at the app. */
export type ChangeReply =
  | { readonly deploymentId: string; readonly version: string }
  | { readonly lockedBy: readonly string[] };

/** Path of the root Marathon behind Admin Router. */
export const rootMarathon = "/service/marathon";

const advice =
  "the URL has to be Marathon's own, by Admin Router https://<cluster>/service/marathon";

/** As much of Marathon's API (v2) as the project uses, of the root Marathon or of any other. */
export class MarathonClient {
  /** @param base Path of Marathon below the session's URL, such as {@link rootMarathon}. */
  constructor(
    readonly session: DcosSession,
    private readonly base: string,
  ) {}

  /** @returns undefined when there is no such app */
  async app(id: string): Promise<MarathonAppState | undefined> {
    const embeds = ["tasks", "counts", "deployments", "lastTaskFailure"];
    const query = embeds.map((one) => `embed=app.${one}`).join("&");
    const answer = await this.send("GET", `/v2/apps/${id}?${query}`);
    if (answer.status === 404) return undefined;
    return this.read(answer, appReply).app;
  }

  /** All apps, without their tasks. */
  async apps(): Promise<readonly MarathonAppState[]> {
    return this.read(await this.send("GET", "/v2/apps"), appsReply).apps;
  }

  /** Makes an app what is given, fields that are not named included. */
  async putApp(app: { readonly id: string }, force: boolean): Promise<ChangeReply> {
    const path = `/v2/apps/${app.id}?partialUpdate=false&force=${force}`;
    return this.change(await this.send("PUT", path, app));
  }

  /** @returns undefined when there is no such app, or no such Marathon any more, with which its apps are gone */
  async deleteApp(id: string, force: boolean): Promise<ChangeReply | undefined> {
    try {
      const answer = await this.send("DELETE", `/v2/apps/${id}?force=${force}`);
      return answer.status === 404 ? undefined : this.change(answer);
    } catch (thrown) {
      if (wasUnknownService(thrown)) return undefined;
      throw thrown;
    }
  }

  async deployments(): Promise<readonly MarathonDeployment[]> {
    return this.read(await this.send("GET", "/v2/deployments"), deploymentsReply);
  }

  async queue(): Promise<readonly QueueItem[]> {
    return this.read(await this.send("GET", "/v2/queue"), queueReply).queue;
  }

  private send(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.session.send({ method, path: `${this.base}${path}`, body, away: isAway });
  }

  private change(answer: Answer): ChangeReply {
    if (answer.status === 409) {
      // The other conflict, of an app that exists, names no deployments.
      const locked = lockReply.safeParse(jsonOf(answer.text));
      if (locked.success) return { lockedBy: locked.data.deployments.map(({ id }) => id) };
    }
    return this.read(answer, deployReply);
  }

  private read<T>(answer: Answer, schema: z.ZodType<T>): T {
    if (answer.status >= 300) {
      throw new SeamlessError(`${answer.what}: HTTP ${answer.status}: ${excerpt(answer.text)}`);
    }
    return this.session.read(answer, schema, "Marathon's", advice);
  }
}

/**
 * Marathon says 500 while it is starting or has no leader, but also for an address it does not know. One that was started
 * lately is not known to Admin Router yet.
 */
function isAway(answer: Answer): boolean {
  const { status, text } = answer;
  return isUnknownService(answer) || (status >= 500 && !text.includes("URI not found"));
}
