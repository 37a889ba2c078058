import * as http from "node:http";
import * as https from "node:https";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Certificate authority as PEM text, in place of those that Node.js knows. */
  readonly ca?: string | undefined;
  /** Milliseconds until the whole answer has to be there. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the answer that are read. Default: 128 MiB. */
  readonly maxBytes?: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** An answer that ended before it was complete. */
export class CutOff extends Error {
  constructor(received: number) {
    super(`the answer was cut off after ${received} bytes`);
    this.name = "CutOff";
  }
}

/** More than a cluster of thousands of agents says of itself. */
const mostBytes = 128 * 2 ** 20;

/** An answer that is longer than what is read; asking again is of no use. */
export class TooLong extends Error {
  constructor(length: string, allowed: number) {
    super(`the answer has ${length}; allowed: ${allowed} bytes; is the URL the cluster's own?`);
    this.name = "TooLong";
  }
}

/**
 * One request and its whole answer, whatever its status.
 * @throws the error of the connection, {@link CutOff} or {@link TooLong}.
 */
export function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, body, ca, timeoutMs, maxBytes = mostBytes } = request;
  const headers = {
    ...request.headers,
    ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
  };
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal =
    request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  return new Promise((resolve, reject) => {
    const settle = (error: Error) => {
      const late = new Error(`no answer within ${Math.round(timeoutMs / 1000)} s`);
      if (request.signal?.aborted) reject(request.signal.reason);
      else reject(deadline.aborted ? late : error);
    };
    const send = url.protocol === "https:" ? https.request : http.request;
    const sent = send(url, { method, headers, signal, ...(ca === undefined ? {} : { ca }) });
    sent.once("error", settle);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const refuse = (found: string) => {
        reject(new TooLong(found, maxBytes));
        sent.destroy();
      };
      const declared = Number(response.headers["content-length"] ?? 0);
      if (method !== "HEAD" && declared > maxBytes) return refuse(`${declared} bytes`);
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) refuse(`${length} bytes and more`);
        else chunks.push(chunk);
      });
      const received = () => Buffer.concat(chunks);
      response.once("error", () => settle(new CutOff(received().length)));
      response.once("end", () => {
        const { statusCode = 0, headers: answered } = response;
        resolve({ status: statusCode, headers: answered, text: received().toString("utf8") });
      });
    });
    sent.end(body);
  });
}
