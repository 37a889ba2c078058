import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CertificateRequest, Pki } from "../../../lab/contract";
import { makePki } from "../../../lab/hosts/pki";
import { execOrThrow } from "../../../util/exec";

const server: CertificateRequest = {
  commonName: "kube-apiserver",
  names: ["DNS:controller", "DNS:localhost", "IP:172.16.18.33", "IP:127.0.0.1"],
};
const user: CertificateRequest = { commonName: "admin", organization: "system:masters" };
const requests = { server, user };

let folder = "";
let first: Pki;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "seamless-pki-"));
  first = await makePki(folder, requests);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function leafOf(pki: Pki, name: string) {
  const leaf = pki.leaves[name];
  if (leaf === undefined) throw new Error(`no ${name}`);
  return { ...leaf, x509: new X509Certificate(leaf.certificate) };
}

test("openssl follows every certificate to the authority, for servers and clients", async () => {
  for (const name of Object.keys(requests)) {
    const file = join(folder, `${name}.crt`);
    for (const purpose of ["sslserver", "sslclient"]) {
      const authority = ["-CAfile", join(folder, "ca.crt")];
      const argv = ["openssl", "verify", "-x509_strict", ...authority, "-purpose", purpose, file];
      expect((await execOrThrow(argv)).stdout).toBe(`${file}: OK\n`);
    }
  }
});

test("names are as asked", () => {
  const [one, other] = [leafOf(first, "server").x509, leafOf(first, "user").x509];
  expect(one.subject).toBe("CN=kube-apiserver");
  expect(one.subjectAltName).toBe(
    "DNS:controller, DNS:localhost, IP Address:172.16.18.33, IP Address:127.0.0.1",
  );
  expect([one.ca, one.issuer]).toEqual([false, "CN=seamless-lab"]);
  expect(other.subject).toBe("O=system:masters\nCN=admin");
  expect(other.subjectAltName).toBeUndefined();
  const authority = new X509Certificate(first.authority);
  expect([authority.ca, authority.subject]).toEqual([true, "CN=seamless-lab"]);
});

test("each key is its certificate's", () => {
  for (const name of Object.keys(requests)) {
    const { x509, privateKey } = leafOf(first, name);
    expect(x509.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  }
  const text = Buffer.from("token");
  const { privateKey, publicKey } = first.serviceAccount;
  const signature = sign("sha256", text, createPrivateKey(privateKey));
  expect(verify("sha256", text, createPublicKey(publicKey), signature)).toBe(true);
});

test("what is valid is kept", async () => {
  expect(await makePki(folder, requests)).toEqual(first);
});

test("other names are another certificate, and only that one", async () => {
  const names = ["DNS:controller", "IP:172.16.18.50"];
  const second = await makePki(folder, { ...requests, server: { ...server, names } });
  expect(leafOf(second, "server").x509.subjectAltName).toBe(
    "DNS:controller, IP Address:172.16.18.50",
  );
  expect(second.authority).toBe(first.authority);
  expect(second.leaves.user).toEqual(first.leaves.user);
  expect(second.serviceAccount).toEqual(first.serviceAccount);
});

test.each<[string, CertificateRequest]>([
  ["common name", { ...user, commonName: "other" }],
  ["organization", { ...user, organization: "system:nodes" }],
  ["first name", { ...user, names: ["DNS:user"] }],
])("another %s is another certificate", async (_, request) => {
  const second = await makePki(folder, { ...requests, user: request });
  expect(second.leaves.user).not.toEqual(first.leaves.user);
  expect(second.leaves.server).toEqual(first.leaves.server);
});

test("a key that is not the certificate's is replaced with it", async () => {
  await writeFile(join(folder, "user.key"), leafOf(first, "server").privateKey);
  const { x509, privateKey } = leafOf(await makePki(folder, requests), "user");
  expect(x509.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
});

test("a new authority issues everything again", async () => {
  await rm(join(folder, "ca.crt"));
  const second = await makePki(folder, requests);
  const { publicKey } = new X509Certificate(second.authority);
  for (const name of Object.keys(requests)) {
    expect(leafOf(second, name).x509.verify(publicKey)).toBe(true);
    expect(second.leaves[name]).not.toEqual(first.leaves[name]);
  }
});

test.each([
  ...["ca.crt", "ca.key", "user.crt", "user.key"],
  ...["service-account.crt", "service-account.key"],
])("half of %s, as a killed openssl leaves it, is made again", async (name) => {
  const file = join(folder, name);
  await writeFile(file, (await readFile(file, "utf8")).slice(0, 60));
  const second = await makePki(folder, requests);
  const { publicKey } = new X509Certificate(second.authority);
  const { x509, privateKey } = leafOf(second, "user");
  expect(x509.verify(publicKey)).toBe(true);
  expect(x509.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  const { serviceAccount } = second;
  expect(
    createPublicKey(serviceAccount.publicKey).equals(createPublicKey(serviceAccount.privateKey)),
  ).toBe(true);
});

test("an authority whose key is another's is replaced with it", async () => {
  await writeFile(join(folder, "ca.key"), leafOf(first, "user").privateKey);
  const second = await makePki(folder, requests);
  expect(second.authority).not.toBe(first.authority);
  expect(leafOf(second, "user").x509.verify(new X509Certificate(second.authority).publicKey)).toBe(
    true,
  );
});

test("keys are for their owner alone, and nothing is left over", async () => {
  const keys = ["ca.key", "server.key", "service-account.key", "user.key"];
  const modes = await Promise.all(
    keys.map(async (key) => ((await stat(join(folder, key))).mode & 0o777).toString(8)),
  );
  expect(modes).toEqual(keys.map(() => "600"));
  expect((await readdir(folder)).filter((name) => name.startsWith("request-"))).toEqual([]);
});
