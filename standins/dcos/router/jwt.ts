import { createVerify } from "node:crypto";
import { isRecord } from "../../../util/json";

/** What a token of DC/OS says: whose it is, and until when (seconds since the epoch). */
export interface Claims {
  readonly uid: string;
  readonly exp: number;
}

/**
 * What a token says; undefined unless that key has signed it, by RS256, and its time has not come.
 * @param end whether one without an end is good for ever, as that of a service account's login is
 */
export function verifyToken(
  token: string,
  publicKey: string,
  now: number,
  end: "needed" | "no end" = "needed",
): Claims | undefined {
  const [header, payload, signature, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  if (rest.length > 0) return undefined;
  const verify = createVerify("RSA-SHA256").update(`${header}.${payload}`);
  if (decode(header)?.alg !== "RS256") return undefined;
  if (!verify.verify(publicKey, signature, "base64url")) return undefined;
  const claims = decode(payload) ?? {};
  const { uid, exp = end === "no end" ? Number.MAX_SAFE_INTEGER : undefined } = claims;
  if (typeof uid !== "string" || typeof exp !== "number" || exp * 1000 <= now) return undefined;
  return { uid, exp };
}

function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
