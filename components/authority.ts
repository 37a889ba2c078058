import { X509Certificate } from "node:crypto";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { readNamedFile } from "./named-file";

/**
 * The certificates that sign a COE's own, from the file that the configuration names.
 * @param example where such text is found
 * @throws SeamlessError when it cannot be read, or is no certificate
 */
export function readCertificates(file: string, example: string): string {
  const text = readNamedFile("access.ca", file);
  try {
    new X509Certificate(text);
  } catch (thrown) {
    throw new SeamlessError(
      `access.ca: found ${file}, which is no certificate: ${messageOf(thrown)}; allowed: PEM text, such as ${example}`,
      exitCode.usage,
    );
  }
  return text;
}
