import { type KeyLike, sign } from "node:crypto";

/** A JSON Web Token (RFC 7519), signed with RS256. */
export function signJwt(claims: Readonly<Record<string, unknown>>, privateKey: KeyLike): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), privateKey);
  return `${signed}.${signature.toString("base64url")}`;
}
