/** Docker's Engine API, spoken as it is documented: JSON by HTTP, over a socket of the machine or TCP. */
import { request } from "node:http";

/** The oldest API with all that is asked for here: Docker 20.10. */
const version = "v1.41";

/** Far beyond what the daemon needs for anything but pulls: without it, one that hangs would hang the update. */
const defaultTimeoutMs = 5 * 60_000;

/** An answer of the daemon that is an error; the message is the daemon's own. */
export class DockerError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = "DockerError";
  }
}

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the version, such as `/containers/create`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Gives up the request. Not for one that makes something: what it made would stay, unknown. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the whole answer has to be there. Default: five minutes. */
  readonly timeoutMs?: number;
}

/** One daemon. */
export class Daemon {
  /** @param host `unix:///path` or `tcp://host:port` */
  constructor(readonly host: string) {}

  /** @returns the parsed answer, or undefined when it is empty. @throws DockerError, or Error when nobody answers */
  async call(call: Call): Promise<unknown> {
    const text = (await this.bytes(call)).toString("utf8");
    return text.trim() === "" ? undefined : JSON.parse(text);
  }

  /** Like {@link call}, but undefined also when there is no such thing (404). */
  async find(call: Call): Promise<unknown> {
    try {
      return await this.call(call);
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** The answer as it comes. */
  bytes(call: Call): Promise<Buffer> {
    const query = new URLSearchParams(call.query).toString();
    const path = `/${version}${call.path}${query === "" ? "" : `?${query}`}`;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const timeoutMs = call.timeoutMs ?? defaultTimeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        const at = `${call.method} ${path} of the Docker daemon at ${this.host}`;
        if (call.signal?.aborted) reject(new Error(`${at}: interrupted`));
        else if (timeout.aborted) reject(new Error(`${at}: no answer for ${timeoutMs / 1000} s`));
        else
          reject(
            new Error(
              `Cannot connect to the Docker daemon at ${this.host}: ${error.message}. Is it running?`,
            ),
          );
      };
      const outgoing = request({
        ...endpoint(this.host),
        method: call.method,
        path,
        headers: body === undefined ? {} : { "Content-Type": "application/json" },
        signal,
      });
      outgoing.on("error", fail);
      outgoing.on("response", (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("error", fail);
        incoming.on("end", () => {
          const answer = Buffer.concat(parts);
          const status = incoming.statusCode ?? 0;
          if (status < 400) resolve(answer);
          else reject(refusal(answer.toString("utf8"), status));
        });
      });
      outgoing.end(body);
    });
  }
}

/** Whether a host is one that {@link Daemon} can speak to. */
export function isHost(host: string): boolean {
  return /^unix:\/\/\/.+$|^tcp:\/\/[^:/]+:\d+$/.test(host);
}

function endpoint(host: string) {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  const url = new URL(host.replace(/^tcp:/, "http:"));
  return { host: url.hostname, port: Number(url.port || "80") };
}

function refusal(text: string, status: number): DockerError {
  return new DockerError(`Error response from daemon: ${message(text)} (${status})`, status);
}

function message(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed)
      return String(parsed.message);
  } catch {
    // Not JSON: a proxy, perhaps.
  }
  return text.trim();
}
