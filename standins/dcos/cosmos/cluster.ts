import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import { CosmosError } from "./errors";
import type { Json } from "./package";

const timeoutMs = 10_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Root Marathon and the Mesos master, as Cosmos uses them. */
export class Cluster {
  constructor(
    private readonly marathonUrl: string,
    private readonly mesosUrl: string,
  ) {}

  /** @throws CosmosError PackageAlreadyInstalled when there is an app of that id, or one is being deployed there */
  async createApp(app: Json): Promise<Json> {
    const { status, body } = await this.marathon("POST", "/v2/apps", app);
    if (status === 409) {
      throw new CosmosError(
        "PackageAlreadyInstalled",
        "Package is already installed",
        undefined,
        409,
      );
    }
    return created(status, body);
  }

  /** Puts an app in the place of what is there, over any deployment; answers with the deployment's id. */
  async replaceApp(id: string, app: Json): Promise<string> {
    const path = `/v2/apps/${id}?force=true&partialUpdate=false`;
    const { status, body } = await this.marathon("PUT", path, app);
    return String(created(status, body).deploymentId);
  }

  async app(id: string): Promise<Json | undefined> {
    const { status, body } = await this.marathon("GET", `/v2/apps/${id}?embed=app.tasks`);
    if (status === 404) return undefined;
    const app = created(status, body).app;
    return isRecord(app) ? app : undefined;
  }

  async apps(): Promise<readonly Json[]> {
    const { status, body } = await this.marathon("GET", "/v2/apps?embed=apps.tasks");
    const { apps } = created(status, body);
    return Array.isArray(apps) ? apps.filter(isRecord) : [];
  }

  /** @throws CosmosError MarathonAppDeleteError */
  async deleteApp(id: string): Promise<void> {
    const { status } = await this.marathon("DELETE", `/v2/apps/${id}?force=true`);
    if (status !== 200) {
      throw new CosmosError("MarathonAppDeleteError", `Error while deleting marathon app '${id}'`, {
        appId: id,
      });
    }
  }

  /** Ids of the frameworks of a name. */
  async frameworks(name: string): Promise<readonly string[]> {
    const { body } = await send("GET", `${this.mesosUrl}/master/frameworks`);
    const { frameworks } = isRecord(body) ? body : {};
    const list = Array.isArray(frameworks) ? frameworks.filter(isRecord) : [];
    return list.filter((one) => one.name === name).map((one) => String(one.id));
  }

  async teardown(id: string): Promise<void> {
    const { status } = await send(
      "POST",
      `${this.mesosUrl}/master/teardown`,
      `frameworkId=${encodeURIComponent(id)}`,
    );
    if (status !== 200) throw unavailable("mesos", `teardown of ${id}: HTTP ${status}`);
  }

  private marathon(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return send(method, `${this.marathonUrl}${path}`, text);
  }
}

/** The body of an answer of Marathon's that is as it should be, or Cosmos' error for it. */
function created(status: number, body: unknown): Json {
  if (status >= 200 && status < 300 && isRecord(body)) return body;
  if (status >= 500) {
    throw new CosmosError(
      "MarathonGenericError",
      `Received response status code ${status} from Marathon`,
      { marathonStatus: status },
      status === 502 ? 502 : status === 503 ? 503 : 500,
    );
  }
  const { message, details } = isRecord(body) ? body : {};
  throw new CosmosError("MarathonBadResponse", String(message ?? `HTTP ${status}`), {
    marathonStatus: status,
    errors: Array.isArray(details) ? details : details === undefined ? [] : [details],
  });
}

export function unavailable(service: string, message: string): CosmosError {
  return new CosmosError("ServiceUnavailable", message, { service }, 503);
}

async function send(method: string, url: string, body?: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  } catch (thrown) {
    throw unavailable(url, `${method} ${url}: ${messageOf(thrown)}`);
  }
}
