import { readCertificates } from "../authority";

/** The certificates that sign the cluster's. @throws SeamlessError when they cannot be read, or are none */
export const readAuthority = (file: string): string =>
  readCertificates(file, "Enterprise DC/OS serves at https://<cluster>/ca/dcos-ca.crt");
