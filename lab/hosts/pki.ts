import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execOrThrow } from "../../util/exec";
import type { CertificateRequest, KeyPair, Pki } from "../contract";

const authorityName = "seamless-lab";
const days = "3650";

/**
 * The certificates of one COE, kept in a folder and made where they are missing or not as requested. Node can read
 * certificates but not issue them; that is openssl's part.
 */
export async function makePki(
  folder: string,
  requests: Readonly<Record<string, CertificateRequest>>,
): Promise<Pki> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await keep(folder, "ca", authorityFits, () => issueAuthority(folder));
  const leaves: [string, KeyPair][] = [];
  for (const [name, request] of Object.entries(requests)) {
    const fits = (pair: KeyPair) => leafFits(pair, request, authority);
    leaves.push([name, await keep(folder, name, fits, () => issueLeaf(folder, name, request))]);
  }
  const tokens = await keep(folder, "service-account", tokenKeysFit, () => issueTokenKeys(folder));
  return {
    authority: authority.certificate,
    leaves: Object.fromEntries(leaves),
    serviceAccount: { privateKey: tokens.privateKey, publicKey: tokens.certificate },
  };
}

/** Reads a pair from the folder, or has it made there first. */
async function keep(
  folder: string,
  name: string,
  fits: (pair: KeyPair) => boolean,
  issue: () => Promise<void>,
): Promise<KeyPair> {
  const read = async (): Promise<KeyPair> => ({
    certificate: await readFile(join(folder, `${name}.crt`), "utf8"),
    privateKey: await readFile(join(folder, `${name}.key`), "utf8"),
  });
  const kept = await read().catch(() => undefined);
  if (kept !== undefined && isWhole(() => fits(kept))) return kept;
  await issue();
  return read();
}

/** An earlier run may have ended in the middle of a file, which then cannot be read. */
function isWhole(fits: () => boolean): boolean {
  try {
    return fits();
  } catch {
    return false;
  }
}

function authorityFits(pair: KeyPair): boolean {
  const certificate = new X509Certificate(pair.certificate);
  return (
    certificate.ca &&
    isValid(certificate) &&
    certificate.checkPrivateKey(createPrivateKey(pair.privateKey))
  );
}

function tokenKeysFit(pair: KeyPair): boolean {
  const expected = createPublicKey(createPrivateKey(pair.privateKey));
  return createPublicKey(pair.certificate).equals(expected);
}

function leafFits(pair: KeyPair, request: CertificateRequest, authority: KeyPair): boolean {
  const certificate = new X509Certificate(pair.certificate);
  const names = new Set(certificate.subjectAltName?.split(", ") ?? []);
  const wanted = (request.names ?? []).map((name) => name.replace(/^IP:/, "IP Address:"));
  return (
    isValid(certificate) &&
    certificate.checkPrivateKey(createPrivateKey(pair.privateKey)) &&
    certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
    certificate.subject === subjectLines(request) &&
    names.size === wanted.length &&
    wanted.every((name) => names.has(name))
  );
}

function isValid(certificate: X509Certificate): boolean {
  return Date.parse(certificate.validTo) > Date.now() + 86_400_000;
}

function subjectLines({ commonName, organization }: CertificateRequest): string {
  return [...(organization === undefined ? [] : [`O=${organization}`]), `CN=${commonName}`].join(
    "\n",
  );
}

async function newKey(file: string): Promise<void> {
  const curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
  await openssl(["genpkey", ...curve, "-out", file]);
}

async function issueAuthority(folder: string): Promise<void> {
  const [key, certificate] = [join(folder, "ca.key"), join(folder, "ca.crt")];
  await newKey(key);
  const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  const what = ["-new", "-x509", "-days", days, "-subj", `/CN=${authorityName}`, ...usage];
  await openssl(["req", ...what, "-key", key, "-out", certificate]);
}

async function issueTokenKeys(folder: string): Promise<void> {
  const [key, publicKey] = ["key", "crt"].map((end) => join(folder, `service-account.${end}`));
  await openssl(["genrsa", "-out", key ?? "", "2048"]);
  await openssl(["rsa", "-in", key ?? "", "-pubout", "-out", publicKey ?? ""]);
}

async function issueLeaf(folder: string, name: string, request: CertificateRequest): Promise<void> {
  const scratch = await mkdtemp(join(folder, "request-"));
  try {
    const [csr, extensions] = [join(scratch, "csr"), join(scratch, "ext")];
    const key = join(folder, `${name}.key`);
    await newKey(key);
    const subject = subjectLines(request).split("\n").join("/");
    await openssl(["req", "-new", "-key", key, "-subj", `/${subject}`, "-out", csr]);
    const lines = [
      "basicConstraints=critical,CA:FALSE",
      "keyUsage=critical,digitalSignature,keyEncipherment",
      "extendedKeyUsage=serverAuth,clientAuth",
      "subjectKeyIdentifier=hash",
      "authorityKeyIdentifier=keyid",
      ...(request.names === undefined ? [] : [`subjectAltName=${request.names.join(",")}`]),
    ];
    await writeFile(extensions, `${lines.join("\n")}\n`);
    const issuer = ["-CA", join(folder, "ca.crt"), "-CAkey", join(folder, "ca.key")];
    const out = ["-days", days, "-extfile", extensions, "-out", join(folder, `${name}.crt`)];
    await openssl(["x509", "-req", "-in", csr, ...issuer, "-CAcreateserial", ...out]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function openssl(args: readonly string[]) {
  return execOrThrow(["openssl", ...args]);
}
