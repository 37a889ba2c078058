import type { z } from "zod";
import { messageOf, SeamlessError } from "../../../util/errors";
import { type Attempt, waitFor } from "../../../util/wait";
import { exchange, TooLong } from "../../ask/http";
import type { DcosAccess } from "./access";
import { loginBody } from "./login";
import { loginPath, loginReply } from "./shapes";
import { explainTls, isTlsMismatch } from "./tls";

export interface SessionOptions {
  /** Milliseconds for which a server that is away is asked again. Default: 60000. */
  readonly patienceMs?: number;
  /** Milliseconds for one answer. Default: 10000. */
  readonly timeoutMs?: number;
  /** Bytes of one answer. Default: 128 MiB. */
  readonly maxBytes?: number;
  /** Told now and then what is waited for. */
  readonly say: (message: string) => void;
  /** Ends everything that is under way when aborted. */
  readonly signal?: AbortSignal;
}

export interface Request {
  readonly method: string;
  /** Below the cluster's URL, with its leading slash. */
  readonly path: string;
  readonly body?: unknown;
  /** Default: `application/json`. */
  readonly accept?: string;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** Whether an answer says that the server is away for now. Default: 502, 503 and 504 do. */
  readonly away?: (answer: Answer) => boolean;
}

export interface Answer {
  readonly status: number;
  /** Content type, empty when there is none. */
  readonly type: string;
  readonly text: string;
  /** `METHOD URL`, for messages. */
  readonly what: string;
  /** How often it was sent: after the first time, an earlier one may have been carried out without an answer. */
  readonly tries: number;
}

/** No answer within the patience: the server is away, as opposed to having refused. */
export class Unreachable extends SeamlessError {}

/** The cluster does not take the token or the login, or does not allow what was asked. */
export class AccessRefused extends SeamlessError {}

/** The server's certificate is not the one that was expected. */
export class TlsMismatch extends SeamlessError {}

const retryMs = 1_000;

/** Requests to one DC/OS cluster through Admin Router, with a token that is renewed when it has run out. */
export class DcosSession {
  /** The cluster's URL without a slash at its end. */
  readonly url: string;
  readonly options: SessionOptions;
  private token: string | undefined;
  private renewal: Promise<void> | undefined;

  constructor(
    private readonly access: DcosAccess,
    options: SessionOptions,
  ) {
    this.url = access.url.replace(/\/+$/, "");
    this.options = options;
    this.token = access.token;
  }

  /** The same session with another patience. */
  within(patienceMs: number): DcosSession {
    return new DcosSession({ ...this.access, token: this.token }, { ...this.options, patienceMs });
  }

  /** The same cluster, asked by nobody in particular. */
  anonymous(): DcosSession {
    const { url, ca } = this.access;
    return new DcosSession({ url, ca }, this.options);
  }

  /** @returns the answer, unless it says that the token is refused or that the server is away for too long. */
  async send(request: Request): Promise<Answer> {
    const { login } = this.access;
    if (this.token === undefined && login !== undefined) await this.renew(undefined);
    const token = this.token;
    const answer = await this.patiently(request, token);
    if (answer.status !== 401) return this.allowed(answer);
    if (login === undefined) throw this.refused(answer);
    await this.renew(token);
    return this.allowed(await this.patiently(request, this.token));
  }

  /** The JSON of an answer in its documented shape. @throws SeamlessError that quotes what came instead. */
  read<Shape extends z.ZodType>(
    answer: Answer,
    schema: Shape,
    whose: string,
    advice: string,
  ): z.output<Shape> {
    const parsed = schema.safeParse(jsonOf(answer.text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = isHtml(answer) || issue === undefined ? "" : ` (${describe(issue)})`;
    throw new SeamlessError(
      `${answer.what}: HTTP ${answer.status}, but not an answer of ${whose}${where}: ${excerpt(answer.text)}; ${advice}`,
    );
  }

  private allowed(answer: Answer): Answer {
    if (answer.status === 401 || answer.status === 403) throw this.refused(answer);
    return answer;
  }

  private refused({ what, status, text }: Answer): AccessRefused {
    const said = excerpt(text);
    const quoted = said === "" ? "" : `: ${said}`;
    return new AccessRefused(`${what}: HTTP ${status}${quoted}; ${this.hint(status)}`);
  }

  private hint(status: number): string {
    const { login } = this.access;
    if (status === 403) {
      const who = login === undefined ? "the owner of the token" : login.uid;
      return `${who} may not do this; grant it the permission for this path`;
    }
    if (login !== undefined) return `the token that ${login.uid} has just got was refused`;
    return this.access.token === undefined
      ? "this cluster asks for a token; give one as token (dcos auth login; dcos config show core.dcos_acs_token), or a login"
      : "the token has run out or is of another cluster; give a new one (dcos auth login; dcos config show core.dcos_acs_token), or a login that renews it";
  }

  /** Logs in, once for all requests whose token was refused at the same time. */
  private renew(refused: string | undefined): Promise<void> {
    if (this.token !== refused) return Promise.resolve();
    this.renewal ??= this.logIn().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async logIn(): Promise<void> {
    const { login } = this.access;
    if (login === undefined) return;
    const request = { method: "POST", path: loginPath, body: loginBody(login) };
    const answer = await this.patiently(request, undefined);
    if (tokensOnly(answer)) {
      throw new AccessRefused(
        `${answer.what}: HTTP ${answer.status}: the login of ${login.uid} was refused: ${excerpt(answer.text)}; open DC/OS up to 1.12 has neither users with passwords nor service accounts: give a token (dcos auth login; dcos config show core.dcos_acs_token)`,
      );
    }
    if (answer.status === 401 || answer.status === 403) {
      const kind = login.password === undefined ? "private key" : "password";
      throw new AccessRefused(
        `${answer.what}: HTTP ${answer.status}: the login of ${login.uid} was refused; check the uid and its ${kind} (users of an identity provider have no such login: give a token)`,
      );
    }
    if (answer.status >= 300) {
      throw new SeamlessError(`${answer.what}: HTTP ${answer.status}: ${excerpt(answer.text)}`);
    }
    const advice = "url has to be the cluster's own, for instance https://dcos.example.com";
    // What is JSON here may have a token in it, by whatever name.
    const told = jsonOf(answer.text) === undefined ? answer.text : "(not shown)";
    const reply = loginReply.safeParse(jsonOf(answer.text));
    this.token = reply.success
      ? reply.data.token
      : this.read({ ...answer, text: told }, loginReply, "DC/OS's login", advice).token;
  }

  /** Sends a request until the server is there, within the patience. */
  private async patiently(request: Request, token: string | undefined): Promise<Answer> {
    const { patienceMs = 60_000, say, signal } = this.options;
    const what = `${request.method} ${this.url}${request.path}`;
    let tries = 0;
    const wait = {
      what,
      timeoutMs: patienceMs,
      intervalMs: Math.min(retryMs, patienceMs),
      onWait: say,
      failure: (seconds: number, seen: string) =>
        new Unreachable(`${what}: gave up after ${seconds} s: ${seen}`),
      ...(signal === undefined ? {} : { signal }),
    };
    return waitFor(wait, () => this.once(request, token, what, ++tries));
  }

  private async once(
    request: Request,
    token: string | undefined,
    what: string,
    tries: number,
  ): Promise<Attempt<Answer>> {
    const { ca } = this.access;
    const { timeoutMs = 10_000, maxBytes, signal } = this.options;
    const url = new URL(`${this.url}${request.path}`);
    const { method, body, accept = "application/json" } = request;
    const headers = {
      Accept: accept,
      ...(token === undefined ? {} : { Authorization: `token=${token}` }),
      ...(body === undefined ? {} : { "Content-Type": request.contentType ?? "application/json" }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    try {
      const got = await exchange({
        method,
        url,
        headers,
        body: text,
        ca,
        timeoutMs,
        maxBytes,
        signal,
      });
      const type = got.headers["content-type"] ?? "";
      const answer = { status: got.status, type, text: got.text, what, tries };
      if ((request.away ?? isAway)(answer)) {
        return { done: false, seen: `HTTP ${answer.status}: ${excerpt(answer.text)}` };
      }
      // Without a length nothing but the text itself tells that its end is missing.
      const whole = answer.text === "" || jsonOf(answer.text) !== undefined;
      if (answer.status < 300 && type.includes("json") && !whole) {
        const seen = `HTTP ${answer.status}, but only a part of the answer's JSON came`;
        return { done: false, seen };
      }
      return { done: true, value: answer };
    } catch (thrown) {
      signal?.throwIfAborted();
      if (isTlsMismatch(thrown)) {
        throw new TlsMismatch(`${what}: ${await explainTls(url, ca, thrown)}`);
      }
      if (thrown instanceof TooLong) throw new SeamlessError(`${what}: ${thrown.message}`);
      // A name with several addresses fails for each of them.
      const each = thrown instanceof AggregateError ? thrown.errors : [thrown];
      return { done: false, seen: each.map(messageOf).join("; ") };
    }
  }
}

/** The login of open DC/OS up to 1.12 reads nothing but a token of an identity provider (dcos-oauth, login.go). */
function tokensOnly({ status, text }: Answer): boolean {
  return (status === 400 || status === 401) && /^JWT (parsing|verification) failed/.test(text);
}

/** Whether Admin Router says that what is behind it is away for now. */
export function isAway({ status }: Answer): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Whether Admin Router does not know a service: it looks for services every 25 s, so a new one is not known for as long
 * (dcos: packages/adminrouter, lib/service.lua and lib/cache.lua).
 */
export function isUnknownService({ status, text }: Pick<Answer, "status" | "text">): boolean {
  return status === 404 && text.startsWith(unknownService);
}

const unknownService = "404 Not Found: service not found.";

/** Whether a server was given up on because Admin Router did not know the service in all that time. */
export function wasUnknownService(thrown: unknown): boolean {
  return thrown instanceof Unreachable && thrown.message.includes(unknownService);
}

function isHtml({ type }: Answer): boolean {
  return type.startsWith("text/html");
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.map(String).join(".") || "the whole"}: ${issue.message}`;
}

/** What a text says as JSON; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A short piece of an answer. Admin Router answers with pages for people. */
export function excerpt(text: string): string {
  const words = text
    .replace(/<(style|script)\b.*?<\/\1>/gis, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return words.length > 600 ? `${words.slice(0, 600)}...` : words;
}
