import type { z } from "zod";
import { type ExitCode, exitCode, messageOf, SeamlessError } from "../../../util/errors";
import { exchange } from "../../ask/http";
import type { NomadAccess } from "./access";

const requestMs = 15_000;
/** How much of an answer that is not understood is told. */
const longest = 300;

/** An answer with another status than 200. */
export class StatusError extends SeamlessError {
  constructor(
    readonly status: number,
    message: string,
    code: ExitCode,
  ) {
    super(message, code);
  }
}

/** Asks one Nomad by its HTTP API. The token goes in a header, and into no message. */
export class NomadClient {
  readonly url: string;

  constructor(
    private readonly access: NomadAccess,
    private readonly timeoutMs = requestMs,
  ) {
    this.url = access.url.replace(/\/+$/, "");
  }

  /** @throws SeamlessError when it does not answer, refuses, or answers something else */
  get<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    return this.send("GET", path, shape);
  }

  put<T>(path: string, body: unknown, shape: z.ZodType<T>): Promise<T> {
    return this.send("PUT", path, shape, body);
  }

  delete<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    return this.send("DELETE", path, shape);
  }

  /** The same as {@link get}; undefined where there is no such thing. */
  async find<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> {
    try {
      return await this.get(path, shape);
    } catch (thrown) {
      if (thrown instanceof StatusError && thrown.status === 404) return undefined;
      throw thrown;
    }
  }

  private async send<T>(
    method: string,
    path: string,
    shape: z.ZodType<T>,
    body?: unknown,
  ): Promise<T> {
    const { token, ca } = this.access;
    const asked = `${method} ${this.url}${path}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await exchange({
      method,
      url: new URL(`${this.url}${path}`),
      headers: {
        ...(token === undefined ? {} : { "X-Nomad-Token": token }),
        ...(text === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...{ body: text, ca, timeoutMs: this.timeoutMs },
    }).catch((thrown: unknown) => {
      throw new SeamlessError(`${asked}: ${this.unreached(thrown)}`, exitCode.nothingToCheck);
    });
    if (answer.status !== 200)
      throw new StatusError(
        answer.status,
        `${asked}: HTTP ${answer.status}: ${said(answer.text)}${this.wayOut(answer.status, answer.text)}`,
        answer.status === 403 ? exitCode.nothingToCheck : exitCode.operationFailed,
      );
    return understood(asked, answer.text, shape);
  }

  private unreached(thrown: unknown): string {
    const message = messageOf(thrown).trim().replaceAll(/\s+/g, " ");
    if (/wrong version number|EPROTO|packet length too long/i.test(message))
      return `the server does not speak TLS: ${message}; if it serves plain HTTP, access.url has to begin with http://`;
    if (/altname|hostname/i.test(message))
      return `${message}; use one of the certificate's names in access.url (Nomad's own certificates have server.<region>.nomad and localhost)`;
    if (/certificate|issuer|self.signed|signature/i.test(message))
      return `the certificate is not trusted: ${message}; name the file of the authority that signs it as access.ca`;
    if (/socket hang up|ECONNRESET/.test(message) && this.url.startsWith("http:"))
      return `${message}; if the server speaks TLS, access.url has to begin with https://`;
    return `${message}; look whether a Nomad server answers there (access.url)`;
  }

  /** What is to be done about a refusal. */
  private wayOut(status: number, text: string): string {
    if (status === 400 && /HTTP request to an HTTPS server/i.test(text))
      return "; access.url has to begin with https://";
    if (status !== 403) return "";
    const { token } = this.access;
    if (token === undefined)
      return "; ACLs are on: give a token with `pulumi config set --secret --path seamless:tokens.<coe>`";
    return /not found|expired/i.test(text)
      ? "; the token is not one of this cluster, or has expired: give another as seamless:tokens.<coe>"
      : "; the token may not do that: its policy needs node read, agent read, and read-job, list-jobs and submit-job in the namespace default";
  }
}

function said(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line === "" ? "no text" : line.slice(0, longest);
}

function understood<T>(asked: string, text: string, shape: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SeamlessError(
      `${asked}: expected JSON of Nomad's API, found ${JSON.stringify(said(text))}; is access.url that of a Nomad server?`,
      exitCode.nothingToCheck,
    );
  }
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const what = result.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
  throw new SeamlessError(
    `${asked}: not the answer of a Nomad server: ${what.slice(0, 3).join("; ")}`,
    exitCode.nothingToCheck,
  );
}
