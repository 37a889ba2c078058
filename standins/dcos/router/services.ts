import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";

/** Where a service is served. */
export interface Upstream {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Whether `/service/<name>` is taken off the path; the label `DCOS_SERVICE_REWRITE_REQUEST_URLS`. */
  readonly rewrites: boolean;
}

/** What a list of services came from, as Admin Router's refusals name it. */
export type Source = "Marathon svcapps" | "Mesos state";

const timeoutMs = 5_000;

/** Admin Router's own times, in seconds (dcos: packages/adminrouter, lib/cache.lua). */
export const cacheSeconds = {
  /** From the start to the first look, unless a request comes before. */
  firstPoll: 2,
  /** Between looks: a service that is new, or has moved, is not known for as long. */
  pollPeriod: 25,
  /** What is younger is not looked at again. */
  expiration: 20,
  /** What is older is as good as nothing. */
  maxAgeHard: 259_200,
} as const;

/** One list, as it was when its source answered last. */
interface Entry {
  readonly services: ReadonlyMap<string, Upstream>;
  readonly at: number;
}

/**
 * Services by their names, from two lists that are kept for a while: running tasks of root Marathon whose apps have the
 * labels `DCOS_SERVICE_*`, and the frameworks of Mesos by id and by name, which are served at their `webui_url`.
 */
export class Services {
  private readonly entries = new Map<Source, Entry>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = false;

  /** @param pollSeconds Default: as on DC/OS; the time for which a list is not looked at again goes with it */
  constructor(
    private readonly urls: { readonly marathonUrl: string; readonly mesosUrl: string },
    private readonly pollSeconds: number = cacheSeconds.pollPeriod,
    private readonly now: () => number = Date.now,
  ) {}

  start(): void {
    this.next(Math.min(cacheSeconds.firstPoll, this.pollSeconds));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /**
   * The service whose name the path begins with: the shortest there is, for names may have slashes. A request that comes
   * before the first look waits for one.
   * @param path what comes after `/service/`
   * @returns undefined where both lists know none, or the list that there is not
   */
  async find(path: string): Promise<{ name: string; upstream: Upstream } | Source | undefined> {
    const parts = path.split("/");
    for (let length = 1; length <= parts.length; length++) {
      const name = parts.slice(0, length).join("/");
      for (const source of ["Marathon svcapps", "Mesos state"] as const) {
        const services = await this.listOf(source);
        if (services === undefined) return source;
        const upstream = services.get(decodeURIComponent(name));
        if (upstream !== undefined) return { name, upstream };
      }
    }
    return undefined;
  }

  private async listOf(source: Source): Promise<ReadonlyMap<string, Upstream> | undefined> {
    if (!this.entries.has(source)) await this.look();
    const entry = this.entries.get(source);
    const old = entry !== undefined && this.ageOf(entry) > cacheSeconds.maxAgeHard;
    return old ? undefined : entry?.services;
  }

  private ageOf({ at }: Entry): number {
    return (this.now() - at) / 1000;
  }

  private next(seconds: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      void this.look().finally(() => this.next(this.pollSeconds));
    }, seconds * 1000);
  }

  /** Who asks during a look waits for that one. */
  private look(): Promise<void> {
    this.looking ??= this.refresh().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async refresh(): Promise<void> {
    const { marathonUrl, mesosUrl } = this.urls;
    await this.renew("Mesos state", `${mesosUrl}/master/state-summary`, readFrameworks);
    const apps = `${marathonUrl}/v2/apps?embed=apps.tasks&label=DCOS_SERVICE_NAME`;
    await this.renew("Marathon svcapps", apps, readServices);
  }

  /** What was known stays as long as the source does not answer. */
  private async renew(
    source: Source,
    url: string,
    read: (value: unknown) => ReadonlyMap<string, Upstream>,
  ): Promise<void> {
    const entry = this.entries.get(source);
    const { expiration, pollPeriod } = cacheSeconds;
    const fresh = (expiration / pollPeriod) * this.pollSeconds;
    if (entry !== undefined && this.ageOf(entry) <= fresh) return;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
      this.entries.set(source, { services: read(await response.json()), at: this.now() });
    } catch (thrown) {
      if (this.stopped) return;
      process.stderr.write(`admin router: ${url}: ${messageOf(thrown)}\n`);
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

/** The frameworks in Mesos' summary by name, and by id, which counts first. One without a page is not served. */
export function readFrameworks(value: unknown): ReadonlyMap<string, Upstream> {
  const frameworks =
    isRecord(value) && Array.isArray(value.frameworks) ? value.frameworks.filter(isRecord) : [];
  const by = (key: "id" | "name") =>
    frameworks.flatMap((framework): [string, Upstream][] => {
      const { [key]: name, webui_url: url } = framework;
      if (typeof name !== "string" || typeof url !== "string" || url === "") return [];
      return [[name.replace(/^\//, ""), { url: url.replace(/\/$/, ""), rewrites: true }]];
    });
  return new Map([...by("name"), ...by("id")]);
}
