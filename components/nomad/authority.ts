import { readCertificates } from "../authority";

/** The certificates that sign the servers'. @throws SeamlessError when they cannot be read, or are none */
export const readAuthority = (file: string): string =>
  readCertificates(file, "nomad-agent-ca.pem of `nomad tls ca create`");
