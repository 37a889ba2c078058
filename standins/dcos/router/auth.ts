import { generateKeyPairSync, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import { signJwt } from "../../../util/jwt";
import { readJson, writeJson } from "../../common/store";
import type { AuthConfig } from "../config";
import { type Claims, verifyToken } from "./jwt";

/** Five days, as DC/OS has it. */
const defaultLifetimeSeconds = 432_000;
const cookieName = "dcos-acs-auth-cookie";
const hashBytes = 32;

/** A password as {@link AuthConfig} keeps it. */
export function hashPassword(password: string, salt = randomBytes(16)): string {
  const hash = scryptSync(password, salt, hashBytes);
  return `scrypt:${salt.toString("base64")}:${hash.toString("base64")}`;
}

/** @throws Error when the hash is not one of {@link hashPassword} */
function matches(password: string, stored: string): boolean {
  const [scheme, salt, hash] = stored.split(":");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined) {
    throw new Error("a passwordHash is not of the form scrypt:<salt>:<hash>");
  }
  const wanted = Buffer.from(hash, "base64");
  const found = scryptSync(password, Buffer.from(salt, "base64"), wanted.length);
  return timingSafeEqual(found, wanted);
}

export interface LoginReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export type Verdict = "allowed" | "unknown" | "forbidden";

/** Who may come in: DC/OS' login and the tokens it gives out. */
export class Auth {
  private readonly keys: { readonly privateKey: string; readonly publicKey: string };
  /** Tokens that end later than this were given out after the last {@link expire}. */
  private validFrom = 0;

  constructor(
    private readonly config: AuthConfig,
    /** Where the key that signs tokens is kept. */
    keyFile: string,
    private readonly now: () => number,
  ) {
    this.keys = readKeys(keyFile);
  }

  /** What `WWW-Authenticate` says: `oauthjwt` of open DC/OS, `acsjwt` of its other edition. */
  get challenge(): string {
    return this.config.challenge ?? "oauthjwt";
  }

  private get lifetimeMs(): number {
    return (this.config.tokenLifetimeSeconds ?? defaultLifetimeSeconds) * 1000;
  }

  /** `POST /acs/api/v1/auth/login` with a password, or with a token that a service account has signed itself. */
  login(body: string): LoginReply {
    let request: unknown;
    try {
      request = JSON.parse(body);
    } catch (thrown) {
      return problem(400, "Bad Request", "ERR_INVALID_JSON", messageOf(thrown));
    }
    const { uid, password, token } = isRecord(request) ? request : {};
    const proofs = [password, token].filter((one) => typeof one === "string" && one !== "");
    if (typeof uid !== "string" || proofs.length !== 1) {
      const wanted = "expected uid, and either password or token";
      return problem(400, "Bad Request", "ERR_INVALID_DATA", wanted);
    }
    const user = Object.entries(this.config.users).find(([name]) => name === uid)?.[1];
    const known =
      typeof password === "string"
        ? user?.passwordHash !== undefined && matches(password, user.passwordHash)
        : typeof token === "string" &&
          user?.publicKey !== undefined &&
          verifyToken(token, user.publicKey, this.now(), "no end")?.uid === uid;
    if (!known) {
      const refused = "Invalid credentials.";
      const headers = { "WWW-Authenticate": "acsjwt" };
      return { ...problem(401, "Unauthorized", "ERR_INVALID_CREDENTIALS", refused), headers };
    }
    return this.welcome(uid);
  }

  private welcome(uid: string): LoginReply {
    const exp = (this.now() + this.lifetimeMs) / 1000;
    const token = signJwt({ uid, exp }, this.keys.privateKey);
    const info = Buffer.from(JSON.stringify({ uid })).toString("base64");
    return {
      status: 200,
      body: { token },
      headers: {
        "Set-Cookie": [
          `${cookieName}=${token}; Path=/; HttpOnly`,
          `dcos-acs-info-cookie=${info}; Path=/`,
        ],
      },
    };
  }

  /** Whether a request may pass, by its `Authorization: token=...`, or `Bearer ...`, or its cookie. */
  judge(headers: IncomingHttpHeaders): Verdict {
    const token = tokenOf(headers);
    const claims = token === undefined ? undefined : this.claims(token);
    if (claims === undefined) return "unknown";
    const user = Object.entries(this.config.users).find(([name]) => name === claims.uid)?.[1];
    if (user === undefined) return "unknown";
    return user.forbidden === true ? "forbidden" : "allowed";
  }

  private claims(token: string): Claims | undefined {
    const claims = verifyToken(token, this.keys.publicKey, this.now());
    if (claims === undefined || claims.exp * 1000 - this.lifetimeMs < this.validFrom) {
      return undefined;
    }
    return claims;
  }

  /** Ends all tokens that were given out so far. */
  expire(): void {
    this.validFrom = this.now();
  }
}

function tokenOf({ authorization, cookie }: IncomingHttpHeaders): string | undefined {
  const [, token] = /^(?:token=|Bearer )(.+)$/.exec(authorization ?? "") ?? [];
  if (token !== undefined) return token;
  const cookies = (cookie ?? "").split(";").map((one) => one.trim());
  return cookies.find((one) => one.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

function problem(status: number, title: string, code: string, description: string): LoginReply {
  return { status, body: { title, code, description }, headers: {} };
}

function readKeys(file: string): { readonly privateKey: string; readonly publicKey: string } {
  const found = readJson(file);
  if (isRecord(found)) {
    const { privateKey, publicKey } = found;
    if (typeof privateKey === "string" && typeof publicKey === "string") {
      return { privateKey, publicKey };
    }
  }
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeJson(file, { privateKey, publicKey });
  return { privateKey, publicKey };
}
