import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { request as requestTls } from "node:https";

/** What belongs to one connection and not to the message (RFC 9110, 7.6.1). */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"];

/** Sends an answer of the router's own, in the form of nginx. */
export function sendHtml(
  outgoing: ServerResponse,
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body><center><h1>${status} ${title}</h1></center></body>\r\n</html>\r\n`;
  outgoing.writeHead(status, {
    "Content-Type": "text/html",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  outgoing.end(body);
}

/** Sends a refusal in the form of DC/OS' own pages. */
export function sendPage(
  outgoing: ServerResponse,
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n<body><h1>${title}</h1></body>\n</html>\n`;
  sendAs("text/html; charset=UTF-8", outgoing, status, body, headers);
}

/** Sends a text of the router's own: nginx calls it by its default type. */
export function sendText(outgoing: ServerResponse, status: number, body: string): void {
  sendAs("application/octet-stream", outgoing, status, body, {});
}

function sendAs(
  type: string,
  outgoing: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  const length = { "Content-Type": type, "Content-Length": Buffer.byteLength(body) };
  outgoing.writeHead(status, { ...length, ...headers });
  outgoing.end(body);
}

export function sendJson(
  outgoing: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  if (!outgoing.hasHeader("Content-Type")) outgoing.setHeader("Content-Type", "application/json");
  outgoing.setHeader("Content-Length", Buffer.byteLength(text));
  outgoing.writeHead(status);
  outgoing.end(text);
}

/**
 * Passes a request on, and what comes back as it comes: events must not wait for the end of their stream.
 * @param target base URL of the server
 * @param path path and query to ask for
 */
export function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  path: string,
): void {
  const url = new URL(target);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) => !hopByHop.includes(name)),
  );
  const upstream = (url.protocol === "https:" ? requestTls : request)(
    {
      hostname: url.hostname,
      port: url.port,
      path,
      method: incoming.method,
      headers: {
        ...headers,
        "x-forwarded-for": incoming.socket.remoteAddress ?? "",
        "x-forwarded-host": incoming.headers.host ?? "",
      },
      // Certificates of services are their own affair, as for Admin Router.
      rejectUnauthorized: false,
    },
    (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !hopByHop.includes(name));
      outgoing.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.once("error", () => outgoing.destroy());
    },
  );
  upstream.once("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else sendHtml(outgoing, 502, "Bad Gateway");
  });
  outgoing.once("close", () => upstream.destroy());
  incoming.pipe(upstream);
}
