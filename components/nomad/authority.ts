import { X509Certificate } from "node:crypto";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { readNamedFile } from "../named-file";

/**
 * The certificates that sign the servers', from the file that the configuration names.
 * @throws SeamlessError when it cannot be read, or is no certificate
 */
export function readAuthority(file: string): string {
  const text = readNamedFile("access.ca", file);
  try {
    new X509Certificate(text);
  } catch (thrown) {
    throw new SeamlessError(
      `access.ca: found ${file}, which is no certificate: ${messageOf(thrown)}; allowed: PEM text, such as nomad-agent-ca.pem of \`nomad tls ca create\``,
      exitCode.usage,
    );
  }
  return text;
}
