import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * Why a request is refused that a web page in somebody's browser could have sent; undefined when it is a client's. The
 * lab asks for no login and is reached by loopback, where every browser of this machine is, too: a page could queue an
 * app, which runs as root on an agent. The rules are those against DNS rebinding and cross-site requests (Fetch
 * standard, "CORS-safelisted request-header": without a preflight a page sends text and forms only).
 */
export function foreignRequest(
  headers: IncomingHttpHeaders,
): { readonly status: 403 | 415; readonly why: string } | undefined {
  const { host = "", origin } = headers;
  if (!isOwnHost(host)) return { status: 403, why: "Foreign Host" };
  if (origin !== undefined && hostOf(origin) !== host)
    return { status: 403, why: "Foreign Origin" };
  const type = headers["content-type"];
  const body = headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
  const json = /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type ?? "");
  return body && !json ? { status: 415, why: "Unsupported Media Type" } : undefined;
}

/** Addresses, and names that no name server of the world answers for. */
function isOwnHost(host: string): boolean {
  const name = hostName(host);
  const inside = !name.includes(".") || /\.(mesos|thisdcos\.directory|localhost)$/.test(name);
  return name !== "" && (isIP(name) !== 0 || inside);
}

function hostName(host: string): string {
  return URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, "")
    : "";
}

/** `null` is a page's without an origin of its own, which is no host. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
