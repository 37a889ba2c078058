import { rmSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { messageOf } from "../../util/errors";

/** An address to listen on. */
export interface Listen {
  /** IP address; `0.0.0.0` for all. */
  readonly address: string;
  /** TCP port; 0 takes a free one (for tests). */
  readonly port: number;
}

/** A request as the handlers see it. */
export interface ApiRequest {
  readonly method: string;
  /** Path without the query, percent-decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The client's address; empty when it is gone already. */
  readonly remoteAddress: string;
  /** The text of the body; empty when there is none. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as plain text, instead of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Sends text piece by piece until the connection ends, instead of a body. Answers with what is to be done then.
   */
  readonly stream?: (send: (text: string) => void) => () => void;
}

/** Thrown by a handler to end a request with a status of its own. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`HTTP ${status}`);
    this.name = "HttpError";
  }
}

export interface RunningServer {
  /** The port it listens on, which is of interest when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Most an app definition or a report can be; far above what either is. */
const maxBodyBytes = 4 * 1024 * 1024;

/** The whole body of a request as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += piece.length;
    if (size > maxBodyBytes) {
      throw new HttpError(413, { message: `The body is larger than ${maxBodyBytes} bytes` });
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new HttpError(400, { message: `The path ${path} is not valid` });
  }
}

async function answer(incoming: IncomingMessage, handler: Handler): Promise<Reply> {
  try {
    const target = incoming.url ?? "/";
    const mark = target.indexOf("?");
    const path = decodePath(mark < 0 ? target : target.slice(0, mark));
    const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
    const body = await readBody(incoming);
    const { headers } = incoming;
    const remoteAddress = incoming.socket.remoteAddress ?? "";
    const method = incoming.method ?? "GET";
    return await handler({ method, path, query, headers, remoteAddress, body });
  } catch (thrown) {
    if (thrown instanceof HttpError) return { status: thrown.status, body: thrown.body };
    process.stderr.write(`${incoming.method} ${incoming.url}: ${messageOf(thrown)}\n`);
    return { status: 500, body: { message: messageOf(thrown) } };
  }
}

type Handler = (request: ApiRequest) => Reply | Promise<Reply>;

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Serves JSON, and streams, over HTTP until closed. @param tls with it over HTTPS */
export function serve(
  address: Listen,
  handler: Handler,
  tls?: Certificate,
): Promise<RunningServer> {
  return listen(serverOf(handler, tls), address);
}

/** Serves the same at a socket of the file system, which is not in the way when it is there from before. */
export function serveSocket(path: string, handler: Handler): Promise<RunningServer> {
  rmSync(path, { force: true });
  const server = serverOf(handler);
  return listening(server, 0, (done) => server.listen(path, done));
}

function serverOf(handler: Handler, tls?: Certificate): Server {
  const listener: RequestListener = (incoming, outgoing) => {
    void answer(incoming, handler).then((reply) => {
      if (reply.stream !== undefined) {
        outgoing.writeHead(reply.status, reply.headers);
        outgoing.once(
          "close",
          reply.stream((text) => outgoing.write(text)),
        );
        return;
      }
      const text =
        reply.text ?? (reply.body === undefined ? "" : `${JSON.stringify(reply.body)}\n`);
      const type = reply.text === undefined ? "application/json" : "text/plain;charset=utf-8";
      outgoing.writeHead(reply.status, {
        ...(text === "" ? {} : { "Content-Type": type }),
        "Content-Length": Buffer.byteLength(text),
        ...reply.headers,
      });
      outgoing.end(text);
    });
  };
  return tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
}

/** Lets a server listen; the promise is kept once it does. */
export function listen(server: Server, { address, port }: Listen): Promise<RunningServer> {
  return listening(server, port, (done) => server.listen(port, address, done));
}

function listening(
  server: Server,
  asked: number,
  begin: (done: () => void) => void,
): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    begin(() => {
      server.off("error", reject);
      resolve({ port: portOf(server, asked), close: () => close(server) });
    });
  });
}

function portOf(server: Server, asked: number): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : asked;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Posts JSON and reads JSON. Rejects when there is no answer in time or its status is not 200. */
export function postJson(url: string, body: unknown, timeoutMs: number): Promise<unknown> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: "POST",
        timeout: timeoutMs,
        headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const reply = Buffer.concat(chunks).toString("utf8");
          if (incoming.statusCode !== 200) {
            reject(new Error(`POST ${url}: HTTP ${incoming.statusCode}: ${reply.trim()}`));
            return;
          }
          try {
            resolve(JSON.parse(reply));
          } catch (thrown) {
            reject(new Error(`POST ${url}: ${messageOf(thrown)}`));
          }
        });
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    outgoing.on("error", (error) => reject(new Error(`POST ${url}: ${error.message}`)));
    outgoing.end(text);
  });
}
