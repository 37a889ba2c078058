import { isRecord } from "../config";

/** Where a service is served. */
export interface Upstream {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Whether `/service/<name>` is taken off the path; the label `DCOS_SERVICE_REWRITE_REQUEST_URLS`. */
  readonly rewrites: boolean;
}

const timeoutMs = 5_000;
/** Admin Router asks Marathon now and then, not for every request. */
const cacheMs = 1_000;

/** Services by their names: running tasks of root Marathon whose apps have the labels `DCOS_SERVICE_*`. */
export class Services {
  private known: ReadonlyMap<string, Upstream> = new Map();
  private until = 0;

  constructor(
    private readonly marathonUrl: string,
    private readonly now: () => number,
  ) {}

  async find(name: string): Promise<Upstream | undefined> {
    if (name === "marathon") return { url: this.marathonUrl, rewrites: true };
    if (this.now() >= this.until) {
      this.known = readServices(await this.apps());
      this.until = this.now() + cacheMs;
    }
    return this.known.get(name);
  }

  private async apps(): Promise<unknown> {
    const url = `${this.marathonUrl}/v2/apps?embed=apps.tasks`;
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return response.json();
  }
}

/** The services in Marathon's list of apps (Admin Router: "Proxying to services"). */
export function readServices(value: unknown): ReadonlyMap<string, Upstream> {
  const apps = isRecord(value) && Array.isArray(value.apps) ? value.apps.filter(isRecord) : [];
  const found = new Map<string, Upstream>();
  for (const { labels, tasks } of apps) {
    if (!isRecord(labels) || typeof labels.DCOS_SERVICE_NAME !== "string") continue;
    const { DCOS_SERVICE_SCHEME: scheme, DCOS_SERVICE_PORT_INDEX: index } = labels;
    if (typeof scheme !== "string" || typeof index !== "string") continue;
    const running = (Array.isArray(tasks) ? tasks.filter(isRecord) : []).find(
      (task) => task.state === "TASK_RUNNING",
    );
    const port = Array.isArray(running?.ports) ? running.ports[Number(index)] : undefined;
    if (running === undefined || typeof port !== "number") continue;
    found.set(labels.DCOS_SERVICE_NAME.replace(/^\//, ""), {
      url: `${scheme}://${String(running.host)}:${port}`,
      rewrites: labels.DCOS_SERVICE_REWRITE_REQUEST_URLS !== "false",
    });
  }
  return found;
}
