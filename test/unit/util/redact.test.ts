import fc from "fast-check";
import { cut, isSecretName, Redactor, secretsIn } from "../../../util/redact";

const secret = "s3cr3t pa$$w'ord\"&<x>";

test.each<[string, string]>([
  ["as it is", `login with ${secret} failed`],
  ["in JSON", JSON.stringify({ told: secret })],
  ["in JSON in JSON", JSON.stringify({ body: JSON.stringify({ told: secret }) })],
  ["in a URL", `https://example.org/?q=${encodeURIComponent(secret)}`],
  ["in a form", encodeURIComponent(secret).replaceAll("%20", "+")],
  [
    "in HTML",
    secret
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;"),
  ],
  ["in a shell", `'${secret.replaceAll("'", "'\\''")}'`],
  ["in hexadecimal", Buffer.from(secret).toString("hex")],
  ["in base64", Buffer.from(secret).toString("base64")],
  ["in base64 of a login", Buffer.from(`admin:${secret}`).toString("base64")],
  ["in base64 after seven bytes", Buffer.from(`1234567${secret} tail`).toString("base64")],
  ["in base64url", Buffer.from(`a${secret}\u00ff\u00fe`).toString("base64url")],
])("a secret is cut %s", (_, text) => {
  const redactor = new Redactor([secret]);
  const left = redactor.text(text);
  expect(left).toContain(cut);
  expect(redactor.leaks(left)).toBe(false);
  const core = Buffer.from(secret).toString("base64").slice(4, 16);
  expect(left).not.toContain(core);
});

test("wherever a secret is in the base64 of a text, it cannot be read from what is left", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 0, maxLength: 20 }),
      fc.stringMatching(/^[ -~]{8,40}$/),
      fc.uint8Array({ minLength: 0, maxLength: 20 }),
      (before, word, after) => {
        const text = Buffer.concat([before, Buffer.from(word), after]).toString("base64");
        const left = new Redactor([word]).text(`data ${text}`).replaceAll(cut, "\n");
        const kept = left
          .split("\n")
          .flatMap((part) => [
            Buffer.from(part.slice("data ".length), "base64").toString("latin1"),
            Buffer.from(part, "base64").toString("latin1"),
          ]);
        for (const one of kept) expect(one).not.toContain(word);
      },
    ),
  );
});

const pem = `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1234567890abcdefABCDEF\n-----END RSA PRIVATE KEY-----`;

test.each<[string, string, string]>([
  ["a key in PEM", `read ${pem} there`, "read [secret] there"],
  ["half of one", pem.slice(0, 60), "[secret]"],
  ["a JWT", "with eyJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ4In0.abcDEF-_1 at", "with [secret] at"],
  ["a bearer token", "Authorization: Bearer abcdef123456", "Authorization: Bearer [secret]"],
  ["the token of a DC/OS", "authorization: token=abcdef123456", "authorization: token=[secret]"],
  ["a login in a URL", "GET https://user:pw@host/x", "GET https://[secret]@host/x"],
  ["an access key", "AKIAABCDEFGHIJKLMNOP", "[secret]"],
  ["a ciphertext of Pulumi", "secure: v1:aaaabbbbcccc=:ddddeeeeffff=", "secure: [secret]"],
  ["a field of YAML", "client-key-data: LS0tLS1CRUdJTi", "client-key-data: [secret]"],
  ["a field of JSON", '{"password": "abc", "x": 1}', '{"password": "[secret]", "x": 1}'],
  ["a flag", "tool --password abc --x", "tool --password [secret] --x"],
  ["a long base64", `certificate ${"aB3dE".repeat(12)}==.`, "certificate [secret]."],
])("%s is cut by its look", (_, text, left) => {
  expect(new Redactor([]).text(text)).toBe(left);
});

test.each([
  "sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1",
  "/home/User1/.local/state/seamless/lab-lab/docker.sock",
  "reflector: gobgp -j neighbor",
  "192.168.128.0/26 via 172.16.18.43 dev eth0 proto bird",
  "seamless-probe.instance-22561750-9d77-405b-bc7b-3a40fe3f031f._app.1",
])("%s is no secret", (text) => {
  expect(new Redactor([]).text(text)).toBe(text);
});

test("what a field's name says is a secret is cut whole, with all that is in it", () => {
  const given = {
    password: "abc",
    kubeconfigs: { a: "apiVersion: v1" },
    login: { uid: "x", privateKey: "y" },
    keepalive: 30,
    monkey: "x",
    tokens: ["a", "b"],
    authorized: true,
  };
  expect(new Redactor([]).data(given)).toEqual({
    password: cut,
    kubeconfigs: cut,
    login: cut,
    keepalive: 30,
    monkey: "x",
    tokens: cut,
    authorized: true,
  });
  expect(secretsIn(given).sort()).toEqual(["a", "abc", "apiVersion: v1", "b", "x", "y"]);
});

test("what a kubeconfig holds is cut wherever it is alone", () => {
  const key = "private key of somebody";
  const file = `users:\n- name: admin\n  user:\n    client-key-data: ${Buffer.from(key).toString("base64")}\n    token: abcdef0123456789\n`;
  const redactor = new Redactor([file]);
  for (const text of [file, key, "abcdef0123456789", Buffer.from(file).toString("base64")])
    expect(redactor.text(`x ${text}`)).not.toMatch(/private key|abcdef0123|cHJpdmF0ZS/);
});

test.each([
  ["PULUMI_CONFIG_PASSPHRASE", true],
  ["AWS_SECRET_ACCESS_KEY", true],
  ["GITHUB_TOKEN", true],
  ["clientKeyData", true],
  ["bgpPasswords", true],
  ["kubeconfigs", true],
  [".dockerconfigjson", true],
  ["config", false],
  ["PATH", false],
  ["keepalive", false],
  ["monkeys", false],
  ["name", false],
])("%s: secret %p", (name, secretOne) => {
  expect(isSecretName(name)).toBe(secretOne);
});
