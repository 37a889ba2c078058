import { z } from "zod";
import type { ReflectorDraft } from "../../config/draft";
import type { ReflectorKind } from "../../config/kind";
import type { Path, Problem } from "../../config/problems";
import { type Readable, readable } from "../../config/readable";
import { dockerHostForms, isPlainTcp, parseDockerHost } from "../../util/docker-host";

/*
 * What the configuration says of a reflector that runs in a container which we make.
 */

const fields = {
  /** Docker daemon that runs it, such as ssh://user@host. Default: the lab's when there is one, else DOCKER_HOST. */
  dockerHost: z.string().exactOptional(),
  /** Folder with the ca.pem, cert.pem and key.pem by which a dockerHost at tcp:// is reached. Default: no TLS. */
  dockerCerts: z.string().exactOptional(),
  /** Whether dockerHost may be a tcp:// without TLS beyond this machine. Default: false. */
  allowPlainTcp: z.boolean().exactOptional(),
  /** Image with the router, by digest. Default: one of the toolchain's, made on the Docker host. */
  image: z.string().exactOptional(),
  /** Docker network it is attached to at its address. Default: the lab's; without a lab the host's own network. */
  network: z.string().exactOptional(),
};
const schema = z.object(fields).readonly();

export type ContainerConfig = z.infer<typeof schema>;

/** The fields of a reflector's record that say how its container runs. */
export function containerConfigOf(reflector: object): ContainerConfig {
  return schema.parse(reflector);
}

/** What the configuration asks of a kind of reflector that runs so. */
export function inContainer(
  kind: string,
  told: Pick<ReflectorKind, "noBfd" | "keepalive"> = {},
): ReflectorKind {
  return {
    fields,
    ...told,
    noRack: "its container forwards no packets",
    check: ({ written }: ReflectorDraft, at) =>
      dockerProblems(kind, readable(schema, written) ?? {}, at),
  };
}

const digest = /@sha256:[0-9a-f]{64}$/;
const reference = /^[a-z0-9][a-z0-9._/:-]*(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$/;
const imageId = /^sha256:[0-9a-f]{64}$/;

/** Whether an image reference means the same image for ever. */
export function isPinned(image: string): boolean {
  return digest.test(image) || imageId.test(image);
}

/** What is wrong with the Docker host of a reflector, and with its image. */
function dockerProblems(kind: string, given: Readable<ContainerConfig>, path: Path): Problem[] {
  const { dockerHost, dockerCerts, allowPlainTcp, image } = given;
  const problems: Problem[] = [];
  const add = (field: string, message: string) =>
    problems.push({ path: [...path, field], message });
  if (image !== undefined && !reference.test(image) && !imageId.test(image))
    add(
      "image",
      `found ${JSON.stringify(image)}; allowed: an image reference such as registry.example.com/${kind}@sha256:<64 hexadecimal digits>`,
    );
  const host = dockerHost === undefined ? undefined : parseDockerHost(dockerHost);
  if (dockerHost !== undefined && host === undefined) {
    add("dockerHost", `found ${JSON.stringify(dockerHost)}; allowed: ${dockerHostForms}`);
    return problems;
  }
  const named = dockerHost === undefined ? "no dockerHost" : `dockerHost ${dockerHost}`;
  const tcp = host?.via === "tcp";
  if (dockerCerts !== undefined && !tcp)
    add(
      "dockerCerts",
      `found ${JSON.stringify(dockerCerts)} with ${named}; allowed: only with dockerHost: tcp://host:port`,
    );
  if (allowPlainTcp && (!tcp || dockerCerts !== undefined))
    add(
      "allowPlainTcp",
      `found true with ${dockerCerts === undefined ? named : "dockerCerts, which ask for TLS"}; allowed: only with dockerHost: tcp://host:port without dockerCerts`,
    );
  if (host !== undefined && isPlainTcp(host) && dockerCerts === undefined && !allowPlainTcp)
    add(
      "dockerHost",
      `found ${dockerHost} without TLS: whoever reaches that port is root on the host; allowed: ssh://user@host, dockerCerts with a tcp:// that asks for certificates, tcp:// to this machine's loopback; allowPlainTcp: true takes the risk`,
    );
  return problems;
}
