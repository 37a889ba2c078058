import { dockerHostForms, isPlainTcp, parseDockerHost } from "../util/docker-host";
import type { ReflectorDraft } from "./draft";
import type { Path, Problem } from "./problems";

const digest = /@sha256:[0-9a-f]{64}$/;
const reference = /^[a-z0-9][a-z0-9._/:-]*(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$/;
const imageId = /^sha256:[0-9a-f]{64}$/;

/** Whether an image reference means the same image for ever. */
export function isPinned(image: string): boolean {
  return digest.test(image) || imageId.test(image);
}

/** What is wrong with the Docker host of a reflector, and with its image. */
export function dockerProblems(path: Path, reflector: ReflectorDraft, problems: Problem[]): void {
  const { dockerHost, dockerCerts, allowPlainTcp, image } = reflector;
  const add = (field: string, message: string) =>
    problems.push({ path: [...path, field], message });
  if (image !== undefined && !reference.test(image) && !imageId.test(image))
    add(
      "image",
      `found ${JSON.stringify(image)}; allowed: an image reference such as registry.example.com/gobgp@sha256:<64 hexadecimal digits>`,
    );
  const host = dockerHost === undefined ? undefined : parseDockerHost(dockerHost);
  if (dockerHost !== undefined && host === undefined) {
    add("dockerHost", `found ${JSON.stringify(dockerHost)}; allowed: ${dockerHostForms}`);
    return;
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
}
