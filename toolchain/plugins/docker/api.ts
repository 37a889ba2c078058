/** Docker's Engine API, spoken as it is documented: JSON by HTTP, over a socket of the machine, TLS, TCP or ssh. */
import { type ClientRequest, type RequestOptions, request } from "node:http";
import { request as requestTls } from "node:https";
import { type Certificates, type Reach, readCertificates } from "./reach";
import { SshStream, sshArgv } from "./ssh";

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
  private certificates: Promise<Certificates> | undefined;

  constructor(private readonly reach: Reach) {}

  /** As it was written, for messages. */
  get host(): string {
    return this.reach.text;
  }

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
  async bytes(call: Call): Promise<Buffer> {
    const begin = await this.connect();
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
              `Cannot connect to the Docker daemon at ${this.host}: ${error.message}${this.advice(error)}`,
            ),
          );
      };
      const outgoing = begin({
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

  /** What begins a request. @throws Error when a certificate cannot be read */
  private async connect(): Promise<(options: RequestOptions) => ClientRequest> {
    const { host, certificates, sshOpts } = this.reach;
    if (host.via === "unix") return (options) => request({ ...options, socketPath: host.path });
    if (host.via === "ssh") {
      const argv = sshArgv(host, sshOpts);
      return (options) => request({ ...options, createConnection: () => new SshStream(argv) });
    }
    const at = { host: host.host, port: host.port };
    if (certificates === undefined) return (options) => request({ ...options, ...at });
    this.certificates ??= readCertificates(certificates);
    const tls = await this.certificates;
    return (options) => requestTls({ ...options, ...at, ...tls });
  }

  private advice(error: NodeJS.ErrnoException): string {
    const { host, certificates } = this.reach;
    if (unreached.includes(error.code ?? "") && host.via !== "ssh") return ". Is it running?";
    if (!untrusted.test(error.code ?? "")) return "";
    const ca = typeof certificates === "string" ? `${certificates}/ca.pem` : "caMaterial";
    return ` (the CA is that of ${ca})`;
  }
}

/** Codes of Node.js for one that is not there, or does not answer as a daemon does. */
const unreached = ["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENOENT", "ETIMEDOUT"];

/** Codes of Node.js for a certificate that it does not take. */
const untrusted = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT)/;

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
