import { createPrivateKey } from "node:crypto";
import { SeamlessError } from "../../../util/errors";
import { signJwt } from "../../../util/jwt";
import type { DcosLogin } from "./access";

/** Seconds for which the signed login of a service account can be used; the token got by it lives on. */
const loginLifetime = 300;

/** The body of the login request. A service account proves itself by a JWT over its uid, signed with its key. */
export function loginBody(login: DcosLogin, now = Date.now()): Readonly<Record<string, string>> {
  const { uid, password, privateKey } = login;
  if (password !== undefined) return { uid, password };
  if (privateKey === undefined) {
    throw new SeamlessError(`login of ${uid}: needs a password or a privateKey, found neither`);
  }
  const exp = Math.floor(now / 1000) + loginLifetime;
  return { uid, token: signJwt({ uid, exp }, keyOf(uid, privateKey)) };
}

function keyOf(uid: string, privateKey: string) {
  const allowed = "allowed: the PEM text of an RSA private key";
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(privateKey);
  } catch {
    throw new SeamlessError(
      `login of ${uid}: the privateKey cannot be read as a private key; ${allowed}`,
    );
  }
  if (key.asymmetricKeyType === "rsa") return key;
  throw new SeamlessError(
    `login of ${uid}: found a privateKey of type ${key.asymmetricKeyType ?? "unknown"}; ${allowed}`,
  );
}
