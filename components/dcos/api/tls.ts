import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";

/** Codes of OpenSSL and Node.js for a certificate that cannot be trusted. */
const codes = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_CHAIN_TOO_LONG",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return String(thrown.code);
}

/** Whether an error of a connection says that the two ends do not fit; asking again is of no use then. */
export function isTlsMismatch(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return codes.has(code) || code === "EPROTO" || code.startsWith("ERR_SSL_");
}

/** What the certificate of a server says about itself. */
interface Presented {
  readonly subject: string;
  readonly names: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
}

const readTimeoutMs = 5_000;
/** In the subject of the certificate that Admin Router of open DC/OS serves at port 443 (includes/snakeoil.crt). */
const openCertificate = "snakeoil.mesosphere.com";

/** Looks at a server's certificate without trusting it; nothing is sent over the connection. */
function presentedBy(url: URL): Promise<Presented | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || 443);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...servername, rejectUnauthorized: false });
    const done = (presented?: Presented) => {
      socket.destroy();
      resolve(presented);
    };
    socket.setTimeout(readTimeoutMs, () => done());
    socket.once("error", () => done());
    socket.once("secureConnect", () => {
      const raw = socket.getPeerX509Certificate()?.raw;
      if (raw === undefined) return done();
      const certificate = new X509Certificate(raw);
      done({
        subject: oneLine(certificate.subject),
        names: certificate.subjectAltName ?? oneLine(certificate.subject),
        issuer: oneLine(certificate.issuer),
        validFrom: certificate.validFrom,
        validTo: certificate.validTo,
      });
    });
  });
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}

/** Subjects of the authorities in a PEM text. */
export function authoritiesIn(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => oneLine(new X509Certificate(block).subject));
}

/** What the server's certificate said, what was expected of it, and what to do. */
export async function explainTls(
  url: URL,
  ca: string | undefined,
  thrown: unknown,
): Promise<string> {
  const code = codeOf(thrown);
  const presented = await presentedBy(url);
  if (presented === undefined) {
    return `the server at ${url.host} does not speak TLS as expected (${code}); if it serves plain HTTP, the URL has to begin with http://`;
  }
  const { subject, names, issuer, validFrom, validTo } = presented;
  const found = `the certificate is for ${names}, issued by ${issuer}, valid from ${validFrom} to ${validTo}`;
  if (subject.includes(openCertificate)) {
    return `${found}; open DC/OS comes with this certificate, which names no host and ended in 2025, so nothing can trust it; use http:// in the URL, or give Admin Router a certificate of your own and its authority as ca`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return `${found}; expected one for ${url.hostname}; use one of its names in the URL, or give the cluster a certificate for this one`;
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return `${found}; expected one that is valid now, ${new Date().toUTCString()}; renew it, or set this machine's clock`;
  }
  const expected =
    ca === undefined
      ? "an authority that Node.js knows; give the cluster's own as ca"
      : `${authoritiesIn(ca).join("; ")}, which is the given ca; give the cluster's own (Enterprise DC/OS serves it at https://<cluster>/ca/dcos-ca.crt)`;
  return `${found} (${code}); expected one issued by ${expected}`;
}
