import { homedir } from "node:os";
import { join } from "node:path";
import { exitCode, SeamlessError } from "./errors";
import { isLoopback } from "./net";

/** How a Docker daemon is reached, as DOCKER_HOST writes it. */
export type DockerHost =
  | { readonly via: "unix"; readonly path: string }
  | {
      readonly via: "tcp";
      readonly host: string;
      readonly port: number;
      /** Whether it is to be spoken to without TLS wherever it is; see {@link plainMark}. */
      readonly plain: boolean;
    }
  | {
      readonly via: "ssh";
      readonly user: string | undefined;
      readonly host: string;
      readonly port: number | undefined;
    };

/** For messages. */
export const dockerHostForms = "ssh://user@host, tcp://host:port, unix:///path";

/** Where Docker listens when nobody says otherwise. */
export const defaultDockerHost = "unix:///var/run/docker.sock";

/**
 * Ends a tcp:// that is allowed without TLS. Docker's own client takes no notice of what comes after `#`, so an address
 * keeps its permission wherever it is passed on to.
 */
export const plainMark = "#plain";

/** @returns undefined when it is no Docker host of a form that is known here */
export function parseDockerHost(text: string): DockerHost | undefined {
  if (/^unix:\/\/\/./.test(text)) return { via: "unix", path: text.slice("unix://".length) };
  if (!/^(tcp|ssh):\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  // The address becomes an argument of ssh; one with a hyphen in front would be taken for an option.
  if (!/^[\w[][\w.:\]-]*$/.test(url.hostname) || url.search !== "" || url.password !== "")
    return undefined;
  if (!["", "/"].includes(url.pathname)) return undefined;
  const port = url.port === "" ? undefined : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (url.protocol === "tcp:") {
    if (port === undefined || url.username !== "" || !["", plainMark].includes(url.hash))
      return undefined;
    return { via: "tcp", host, port, plain: url.hash === plainMark };
  }
  if (url.hash !== "" || !/^(\w[\w.-]*)?$/.test(url.username)) return undefined;
  return { via: "ssh", user: url.username || undefined, host, port };
}

/** Whether it leaves this machine, and only TLS could protect it. */
export function isPlainTcp(host: DockerHost): boolean {
  return host.via === "tcp" && !isLoopback(host.host);
}

/** A Docker daemon, and by which certificates it is reached. */
export interface DockerAccess {
  /** Default: DOCKER_HOST, else the machine's own. */
  readonly dockerHost?: string | undefined;
  /** Folder with ca.pem, cert.pem and key.pem for a tcp://. Default: as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say. */
  readonly dockerCerts?: string | undefined;
}

/** How a daemon is reached in the end, whoever said so. */
export interface ResolvedDocker {
  readonly text: string;
  readonly host: DockerHost;
  /** Folder with the certificates; undefined for a connection without TLS. */
  readonly certs: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws SeamlessError when the host has no known form, or is plain TCP to another machine */
export function resolveDocker(
  { dockerHost, dockerCerts }: DockerAccess,
  env: Environment = process.env,
): ResolvedDocker {
  const text = dockerHost || env.DOCKER_HOST || defaultDockerHost;
  const source = dockerHost ? "Docker host" : "DOCKER_HOST";
  const host = parseDockerHost(text);
  if (host === undefined)
    throw new SeamlessError(
      `${source}: found ${JSON.stringify(text)}; allowed: ${dockerHostForms}`,
      exitCode.usage,
    );
  const certs = host.via === "tcp" && !host.plain ? certsOf(dockerCerts, env) : undefined;
  if (host.via === "tcp" && !host.plain && certs === undefined && isPlainTcp(host))
    throw new SeamlessError(`${source}: ${plainRefusal(text)}`, exitCode.usage);
  return { text, host, certs };
}

/** What is said of a daemon that is spoken to over the network without TLS. */
export function plainRefusal(text: string): string {
  return `found ${text} without TLS: whoever reaches that port is root on the host; allowed: ssh://user@host; DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH; reflectors.<name>.dockerHost with dockerCerts, or with allowPlainTcp: true, which takes the risk`;
}

function certsOf(given: string | undefined, env: Environment): string | undefined {
  if (given !== undefined) return expandHome(given);
  if (!env.DOCKER_TLS_VERIFY) return undefined;
  return env.DOCKER_CERT_PATH || join(homedir(), ".docker");
}

/** A path with the home folder for `~/`. */
export function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

/**
 * The environment in which the `docker` command reaches a daemon by the same rules.
 * @throws SeamlessError as {@link resolveDocker} does
 */
export function dockerEnv(
  access: DockerAccess,
  env: Environment = process.env,
): Record<string, string | undefined> {
  const { text, certs } = resolveDocker(access, env);
  return {
    DOCKER_HOST: text.replace(plainMark, ""),
    DOCKER_TLS: undefined,
    DOCKER_TLS_VERIFY: certs === undefined ? undefined : "1",
    DOCKER_CERT_PATH: certs,
    // There is nobody to ask: a key without a passphrase, or an agent.
    SSH_ASKPASS_REQUIRE: "never",
  };
}
