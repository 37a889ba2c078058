import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Dispatcher, EnvHttpProxyAgent, RetryAgent, request } from "undici";
import { z } from "zod";
import { messageOf } from "../util/errors";
import { mayAsk } from "./releases";

/** Why something cannot be downloaded, as one clause for people. */
export class DownloadError extends Error {}

export interface Limits {
  /** Until a connection stands: short, for an offline machine must not wait. */
  readonly connectMs: number;
  /** Longest silence of a server, before its answer and in it. */
  readonly quietMs: number;
  /** For everything, retries included. */
  readonly totalMs: number;
  readonly mostBytes: number;
}

/** Redirects that are followed; releases need two. */
const mostRedirects = 5;
const redirects = [301, 302, 303, 307, 308];
/** Lists of checksums are a few kilobytes. */
const mostText = 1_000_000;

/**
 * Asks servers, by the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. What breaks off goes on where it was, and
 * a server that is busy is asked again, as long as there is time.
 */
export class Downloads {
  readonly #agent: Dispatcher;
  readonly #deadline: AbortSignal;

  /** The time for everything runs from here on. */
  constructor(private readonly limits: Limits) {
    const { connectMs, quietMs, totalMs } = limits;
    this.#deadline = AbortSignal.timeout(totalMs);
    this.#agent = new RetryAgent(
      new EnvHttpProxyAgent({
        connect: { timeout: connectMs },
        headersTimeout: quietMs,
        bodyTimeout: quietMs,
      }),
      {
        maxRetries: 3,
        minTimeout: 500,
        maxTimeout: 5_000,
        statusCodes: [429, 500, 502, 503, 504],
        // Nobody answering is not in this list: offline, all would be asked four times.
        errorCodes: ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"],
      },
    );
  }

  /**
   * Downloads one file.
   * @param onBytes told how much there is so far
   * @returns its SHA-256 in hexadecimal
   * @throws DownloadError
   */
  async file(url: string, path: string, onBytes: (bytes: number) => void): Promise<string> {
    return this.#told(url, async (signal) => {
      const body = await this.#open(url, signal, this.limits.mostBytes);
      const hash = createHash("sha256");
      const counting = this.#counting(url, this.limits.mostBytes, (bytes, chunk) => {
        hash.update(chunk);
        onBytes(bytes);
      });
      await pipeline(body, counting, createWriteStream(path), { signal });
      return hash.digest("hex");
    });
  }

  /** Downloads a short text. @throws DownloadError */
  async text(url: string): Promise<string> {
    return this.#told(url, async (signal) => {
      const chunks: Buffer[] = [];
      const body = await this.#open(url, signal, mostText);
      const counting = this.#counting(url, mostText, (_, chunk) => chunks.push(chunk));
      for await (const _ of body.pipe(counting)) signal.throwIfAborted();
      return Buffer.concat(chunks).toString("utf8");
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #counting(url: string, most: number, onChunk: (bytes: number, chunk: Buffer) => void): Transform {
    let bytes = 0;
    return new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length;
        if (bytes > most) return done(tooMuch(url, most));
        onChunk(bytes, chunk);
        done(null, chunk);
      },
    });
  }

  async #open(url: string, signal: AbortSignal, most: number) {
    let at = new URL(url);
    for (let hops = 0; hops <= mostRedirects; hops++) {
      if (!mayAsk(at)) throw new DownloadError(`${url} leads to ${at.href}, which is not https`);
      const { statusCode, headers, body } = await request(at, {
        dispatcher: this.#agent,
        signal,
        headers: { "user-agent": "seamless-toolchain" },
      });
      if (statusCode === 200) {
        if (Number(headers["content-length"] ?? 0) <= most) return body;
        drop(body);
        throw tooMuch(url, most);
      }
      drop(body);
      const location = headers.location;
      if (!redirects.includes(statusCode) || typeof location !== "string")
        throw new DownloadError(`${at.href} answers ${statusCode}`);
      at = new URL(location, at);
    }
    throw new DownloadError(`${url} redirects more than ${mostRedirects} times`);
  }

  /** Runs a step with the deadline, and says of every failure which address failed and why. */
  async #told<T>(url: string, step: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = this.#deadline;
    try {
      return await step(signal);
    } catch (error) {
      if (error instanceof DownloadError) throw error;
      const seconds = Math.round(this.limits.totalMs / 1000);
      throw new DownloadError(
        signal.aborted ? `${url} is not here after ${seconds} s` : `${url}: ${reasonOf(error)}`,
      );
    }
  }
}

/** Reads no more of an answer; that it ends early is then no error. */
function drop(body: Readable): void {
  body.on("error", () => undefined).destroy();
}

function tooMuch(url: string, most: number): DownloadError {
  return new DownloadError(`${url} sends more than ${most} bytes`);
}

const errorFields = z.object({
  code: z.string().optional(),
  statusCode: z.number().optional(),
});

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host, or no name server answers",
  EAI_AGAIN: "no name server answers",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection broke off",
  UND_ERR_SOCKET: "the connection broke off",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "the answer stopped coming",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the connection broke off",
};

function reasonOf(error: unknown): string {
  const { code, statusCode } = errorFields.catch({}).parse(error);
  if (statusCode !== undefined && statusCode >= 400) return `it answers ${statusCode}`;
  return reasons[code ?? ""] ?? messageOf(error);
}
