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

/**
 * One request and its whole answer, whatever its status.
 * @throws the error of the connection, or {@link CutOff}.
 */
export function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, body, ca, timeoutMs } = request;
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
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
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
