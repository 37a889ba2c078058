import { createVerify, generateKeyPairSync } from "node:crypto";
import { signJwt } from "../../../util/jwt";

test.each(["a key", "a PEM text"])("claims are signed with %s, by RS256", (form) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const token = signJwt({ uid: "lb", exp: 1_800_000_000 }, form === "a key" ? privateKey : pem);
  const [head = "", body = "", signature = ""] = token.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(read(head)).toEqual({ alg: "RS256", typ: "JWT" });
  expect(read(body)).toEqual({ uid: "lb", exp: 1_800_000_000 });
  const verify = createVerify("RSA-SHA256").update(`${head}.${body}`);
  expect(verify.verify(publicKey, signature, "base64url")).toBe(true);
});
