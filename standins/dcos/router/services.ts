import { messageOf } from "../../../util/errors";
import { isRecord } from "../config";

/** Where a service is served. */
export interface Upstream {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Whether `/service/<name>` is taken off the path; the label `DCOS_SERVICE_REWRITE_REQUEST_URLS`. */
  readonly rewrites: boolean;
}

const timeoutMs = 5_000;
/** Seconds from the start to the first look (dcos: packages/adminrouter, lib/cache.lua, "firstPoll"). */
const firstPollSeconds = 2;
/** Seconds between looks ("pollPeriod"): a service that is new, or has moved, is not known for as long. */
export const defaultPollSeconds = 25;

/**
 * Services by their names: running tasks of root Marathon whose apps have the labels `DCOS_SERVICE_*`, as they were when
 * Marathon was asked last.
 */
export class Services {
  private known: ReadonlyMap<string, Upstream> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly marathonUrl: string,
    private readonly pollSeconds = defaultPollSeconds,
  ) {}

  start(): void {
    this.next(Math.min(firstPollSeconds, this.pollSeconds));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Whether Marathon has ever answered. */
  get ready(): boolean {
    return this.known !== undefined;
  }

  find(name: string): Upstream | undefined {
    if (name === "marathon") return { url: this.marathonUrl, rewrites: true };
    return this.known?.get(name);
  }

  private next(seconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      void this.look().finally(() => this.next(this.pollSeconds));
    }, seconds * 1000);
  }

  /** What was known stays as long as Marathon does not answer. */
  private async look(): Promise<void> {
    try {
      const url = `${this.marathonUrl}/v2/apps?embed=apps.tasks`;
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      this.known = readServices(await response.json());
    } catch (thrown) {
      if (this.stopped) return;
      process.stderr.write(`admin router: ${this.marathonUrl}: ${messageOf(thrown)}\n`);
    }
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
