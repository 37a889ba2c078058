import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import { signJwt } from "../../../util/jwt";

/** A service account of DC/OS, the value of its secret. */
export interface Credential {
  readonly loginEndpoint: string;
  readonly uid: string;
  /** PEM. */
  readonly privateKey: string;
}

const requestMs = 10_000;
/** Marathon sends something far more often, be it nothing. */
const silenceMs = 30_000;
const tokenSeconds = 300;

/** Reads the secret as DC/OS keeps it; undefined without one. @throws Error when it is none */
export function readCredential(text: string | undefined): Credential | undefined {
  if (text === undefined || text === "") return undefined;
  const wanted = "expected JSON with login_endpoint, uid and private_key";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What cannot be read may be a key, and is not quoted.
    throw new Error(`the service account's credential: ${wanted}`);
  }
  const { login_endpoint, uid, private_key } = isRecord(value) ? value : {};
  if (
    typeof login_endpoint !== "string" ||
    typeof uid !== "string" ||
    typeof private_key !== "string"
  )
    throw new Error(`the service account's credential: ${wanted}`);
  return { loginEndpoint: login_endpoint, uid, privateKey: private_key };
}

/** Reads apps of a Marathon and follows its events; logs in again whenever it is told to. */
export class MarathonClient {
  private token: string | undefined;

  constructor(
    private readonly url: string,
    private readonly credential: Credential | undefined,
  ) {}

  async apps(): Promise<unknown> {
    const response = await this.get("/v2/apps?embed=apps.tasks", "application/json", {
      signal: AbortSignal.timeout(requestMs),
    });
    return response.json();
  }

  /**
   * Calls `onEvent` with the type of every event, and once at the start, until the stream ends or is silent. Always
   * rejects, since nobody ends the stream but the other side.
   */
  async follow(onEvent: (type: string) => void, signal: AbortSignal): Promise<never> {
    const silence = new AbortController();
    const begun = setTimeout(() => silence.abort(), requestMs);
    const both = AbortSignal.any([signal, silence.signal]);
    let timer = begun;
    try {
      const response = await this.get("/v2/events", "text/event-stream", { signal: both });
      onEvent("connected");
      const decoder = new TextDecoder();
      let rest = "";
      for await (const chunk of response.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line.startsWith("event:")) onEvent(line.slice("event:".length).trim());
        }
      }
    } catch (thrown) {
      if (silence.signal.aborted) throw new Error(`${this.url}/v2/events: nothing is heard`);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
    throw new Error(`${this.url}/v2/events: the stream has ended`);
  }

  private async get(path: string, accept: string, init: RequestInit): Promise<Response> {
    const ask = () =>
      request(`${this.url}${path}`, {
        ...init,
        headers: {
          Accept: accept,
          ...(this.token === undefined ? {} : { Authorization: `token=${this.token}` }),
        },
      });
    let response = await ask();
    if (response.status === 401 && this.credential !== undefined) {
      await response.body?.cancel();
      this.token = await login(this.credential);
      response = await ask();
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`GET ${this.url}${path}: HTTP ${response.status}`);
    }
    return response;
  }
}

async function login(credential: Credential): Promise<string> {
  const { loginEndpoint, uid } = credential;
  const token = signJwt(
    { uid: credential.uid, exp: Math.floor(Date.now() / 1000) + tokenSeconds },
    credential.privateKey,
  );
  const response = await request(loginEndpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ uid, token }),
    signal: AbortSignal.timeout(requestMs),
  });
  if (response.status !== 200) {
    throw new Error(`POST ${loginEndpoint}: HTTP ${response.status} for the account ${uid}`);
  }
  const answer: unknown = await response.json();
  if (!isRecord(answer) || typeof answer.token !== "string") {
    throw new Error(`POST ${loginEndpoint}: the answer has no token`);
  }
  return answer.token;
}

/** Says of a request that has failed which one it was and why. */
async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    throw new Error(`${init.method ?? "GET"} ${url}: ${messageOf(cause)}`);
  }
}
