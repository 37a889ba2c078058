/** An HTTP server that answers what a test says and keeps what it was asked. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Said {
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class RecordingServer {
  readonly requests: Recorded[] = [];
  /** What is answered; a body that is no text is sent as JSON. */
  answer: (request: Recorded) => Said = () => ({ status: 404, body: { message: "no such thing" } });
  url = "";
  private readonly server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming;
      const text = Buffer.concat(chunks).toString();
      const request = { method, path, headers, body: text === "" ? undefined : JSON.parse(text) };
      this.requests.push(request);
      const { status, body, type = "application/json", headers: more } = this.answer(request);
      outgoing.writeHead(status, { "Content-Type": type, ...more });
      outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });

  async start(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    this.url = `http://127.0.0.1:${address.port}`;
    return this;
  }

  stop(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}
