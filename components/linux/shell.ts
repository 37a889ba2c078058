import type { SshConfig } from "../../config/ssh";
import type { SshShell } from "../../plan/access";

/** How programs are run on a host, as the configuration says; without the key, where that is a secret. */
export function sshShellOf(
  { user = "root", port, keyFile, knownHosts, knownHostsFile }: SshConfig,
  { address }: { readonly address: string },
): SshShell {
  const host = address.includes(":") ? `[${address}]` : address;
  return {
    via: "ssh",
    target: `ssh://${user}@${host}${port === undefined ? "" : `:${port}`}`,
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(knownHosts === undefined ? {} : { knownHosts }),
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
  };
}
