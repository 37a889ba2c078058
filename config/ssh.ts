import { z } from "zod";
import type { LoginSort } from "./handed-on";
import type { Path, Problem } from "./problems";
import type { Readable } from "./readable";
import { port } from "./types";

/** How the nodes of a COE are reached by SSH, whatever its kind: `access: { ssh: … }`. */
export type SshConfig = z.infer<typeof sshSchema>;
export const sshSchema = z
  .strictObject({
    /** Default: root. Another user needs sudo without a password. */
    user: z.string().exactOptional(),
    /** Default: 22. */
    port: port.exactOptional(),
    /**
     * Path of the private key (`~` is the home folder); or `seamless:keys.<coe>` has the key itself, as a secret. Default:
     * what ssh uses by itself: an agent, and the user's own keys.
     */
    keyFile: z.string().exactOptional(),
    /** Lines of known_hosts with the hosts' keys: `10.1.1.21 ssh-ed25519 AAAA…`. Default: the user's own known_hosts. */
    knownHosts: z.array(z.string()).readonly().exactOptional(),
    /** Path of such a file, in place of knownHosts. */
    knownHostsFile: z.string().exactOptional(),
  })
  .readonly();

/** Such an access that a message may show. */
export const sshExample = "{ ssh: { user: root, knownHostsFile: ./known_hosts } }";

/** `<hosts> <type of key> <key>`, with `@cert-authority` in front where that signs the hosts' keys. */
const knownLine = /^(@cert-authority )?[^\s#@|]\S* (ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]+=*( .*)?$/;

/** The name of a user is a part of ssh's argument. */
const userName = /^[a-z_][a-z0-9._-]*\$?$/i;

/** What is wrong with how hosts are reached. @param path of `ssh` */
export function* sshProblems(
  path: Path,
  ssh: Readable<SshConfig>,
  secrets: readonly LoginSort[],
): Iterable<Problem> {
  const { user, keyFile, knownHosts, knownHostsFile } = ssh;
  if (user !== undefined && !userName.test(user))
    yield {
      path: [...path, "user"],
      message: `found ${JSON.stringify(user)}; allowed: the name of a user, such as root`,
    };
  if (keyFile !== undefined && secrets.includes("keys"))
    yield {
      path: [...path, "keyFile"],
      message: `found ${keyFile} beside a key in seamless:keys; allowed: one of them`,
    };
  if (knownHosts !== undefined && knownHostsFile !== undefined)
    yield {
      path: [...path, "knownHostsFile"],
      message: `found ${knownHostsFile} beside knownHosts; allowed: one of them`,
    };
  for (const [index, line] of (knownHosts ?? []).entries())
    if (!knownLine.test(line))
      yield {
        path: [...path, "knownHosts", `${index}`],
        message: `found ${JSON.stringify(line.slice(0, 60))}; allowed: a line of known_hosts, such as "10.1.1.21 ssh-ed25519 AAAA…", which ssh-keyscan prints`,
      };
}

/** What is wrong with a private key in `seamless:keys`, but for its value. */
export function sshSecretProblem(sort: LoginSort): string | undefined {
  return sort === "keys"
    ? undefined
    : "found a login; its nodes are reached by SSH: allowed: a private key in seamless:keys";
}
