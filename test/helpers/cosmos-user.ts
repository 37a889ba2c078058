import type { StandIn } from "./stand-in";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare whole answers
  readonly body: any;
}

/** A user of a cluster's Admin Router. */
export class User {
  token: string | undefined;

  constructor(private readonly cluster: StandIn) {}

  async send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.cluster.routerUrl}${path}`, {
      redirect: "manual",
      ...init,
      method,
      headers: {
        ...(this.token === undefined ? {} : { Authorization: `token=${this.token}` }),
        ...init.headers,
      },
    });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    const body = type.includes("json") ? JSON.parse(text) : text;
    return { status: response.status, type, headers: response.headers, body };
  }

  async login(credentials: unknown): Promise<Answer> {
    const answer = await this.json("POST", "/acs/api/v1/auth/login", credentials);
    if (answer.status === 200) this.token = answer.body.token;
    return answer;
  }

  /** One operation of Cosmos. @param version of the answer */
  cosmos(path: string, body: unknown, version = 1, kind = kindOf(path)): Promise<Answer> {
    return this.send("POST", path, {
      body: JSON.stringify(body),
      headers: {
        "Content-Type": type(`${kind}-request`, 1),
        Accept: type(`${kind}-response`, version),
      },
    });
  }

  json(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.send(method, path, {
      headers: { "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

export function type(kind: string, version: number): string {
  return `application/vnd.dcos.${kind}+json;charset=utf-8;version=v${version}`;
}

/** `/package/repository/add` is of kind `package.repository.add`. */
function kindOf(path: string): string {
  return path.replace(/^\/(cosmos\/)?/, "").replaceAll("/", ".");
}
