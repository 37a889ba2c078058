/** Where a daemon is and by what it is reached, from the provider's settings and the environment. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { CheckFailure, Properties } from "../../../providers/base/provider";
import {
  type DockerHost,
  defaultDockerHost,
  dockerHostForms,
  parseDockerHost,
  resolveDocker,
} from "../../../util/docker-host";
import { messageOf } from "../../../util/errors";

/** What a TLS connection is made with, as PEM text. */
export interface Certificates {
  /** Undefined: those that Node.js trusts. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface Reach {
  /** As it was written, for messages. */
  readonly text: string;
  readonly host: DockerHost;
  /** A folder with ca.pem, cert.pem and key.pem, or what is in such files. Undefined: no TLS. */
  readonly certificates: string | Certificates | undefined;
  /** Options that ssh is given. */
  readonly sshOpts: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const text = z.string().optional();
const settings = z.object({
  ...{ host: text, certPath: text, caMaterial: text, certMaterial: text, keyMaterial: text },
  /** The SDK sends lists as JSON text. */
  sshOpts: z
    .string()
    .transform((json) => z.array(z.string()).parse(JSON.parse(json)))
    .optional(),
});

/** What of the official plugin's settings is here, too; `version` is the engine's. */
const known = [...Object.keys(settings.shape), "version"];

/** Names of the settings that are secrets. */
export const secretSettings = ["keyMaterial"];

export function checkReach(config: Properties, env: Environment = process.env): CheckFailure[] {
  const foreign = Object.keys(config).filter((key) => !known.includes(key));
  const failures = foreign.map((property) => ({
    property,
    reason: "it is not implemented by this docker plugin; leave it out",
  }));
  const pairs = [
    ["certMaterial", "keyMaterial"],
    ["keyMaterial", "certMaterial"],
  ] as const;
  for (const [one, other] of pairs)
    if (config[one] !== undefined && config[other] === undefined)
      failures.push({ property: one, reason: `found without ${other}; allowed: both or neither` });
  try {
    reachOf(config, env);
  } catch (thrown) {
    failures.push({ property: "host", reason: messageOf(thrown) });
  }
  return failures;
}

/** @throws Error when the host is of no known form, or plain TCP to another machine */
export function reachOf(config: Properties, env: Environment = process.env): Reach {
  const given = settings.parse(config);
  const { caMaterial: ca, certMaterial: cert, keyMaterial: key, sshOpts = [] } = given;
  if (ca === undefined && cert === undefined) {
    const access = { dockerHost: given.host, dockerCerts: given.certPath };
    const { text, host, certs } = resolveDocker(access, env);
    return { text, host, certificates: certs, sshOpts };
  }
  const text = given.host || env.DOCKER_HOST || defaultDockerHost;
  const host = parseDockerHost(text);
  if (host === undefined)
    throw new Error(`found ${JSON.stringify(text)}; allowed: ${dockerHostForms}`);
  return { text, host, certificates: { ca, cert, key }, sshOpts };
}

/** @throws Error that names the file that cannot be read */
export async function readCertificates(
  certificates: NonNullable<Reach["certificates"]>,
): Promise<Certificates> {
  if (typeof certificates !== "string") return certificates;
  const [ca, cert, key] = await Promise.all([
    read(certificates, "ca.pem"),
    read(certificates, "cert.pem", "absent"),
    read(certificates, "key.pem", "absent"),
  ]);
  return { ca, cert, key };
}

/** A daemon need not ask for a certificate of the client, so those two may be absent. */
async function read(folder: string, name: string, may?: "absent"): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (may === "absent" && messageOf(thrown).includes("ENOENT")) return undefined;
    throw new Error(`the certificates for Docker cannot be read: ${messageOf(thrown)}`);
  }
}
