import type { ReflectorShell } from "../../plan/access";
import { type DockerAccess, expandHome, plainMark, resolveDocker } from "../../util/docker-host";
import { routerKind } from "./kinds";
import { type ContainerConfig, containerConfigOf } from "./model";
import { reflectorContainer } from "./names";

type DockerShell = Extract<ReflectorShell, { via: "docker" }>;

/**
 * How the configuration has a reflector's Docker daemon reached.
 * @param labHost the lab's, where there is one
 */
export function dockerAccess(
  { dockerHost, dockerCerts, allowPlainTcp }: ContainerConfig,
  labHost?: string,
): { readonly dockerHost?: string; readonly dockerCerts?: string } {
  const host = dockerHost ?? labHost;
  if (host === undefined) return {};
  const marked = allowPlainTcp === true && !host.endsWith(plainMark) ? host + plainMark : host;
  return {
    dockerHost: marked,
    ...(dockerCerts === undefined ? {} : { dockerCerts: expandHome(dockerCerts) }),
  };
}

/**
 * How a program is run beside a reflector's daemon, and where that answers.
 * @param kind default: the first kind there was
 */
export function reflectorShell(
  reflector: string,
  access: DockerAccess,
  kind?: string,
): DockerShell {
  const { dockerCerts } = access;
  return {
    via: "docker",
    dockerHost: resolveDocker(access).text,
    container: reflectorContainer(reflector),
    ...(dockerCerts === undefined ? {} : { dockerCerts }),
    api: routerKind(kind).container.api,
  };
}

/** Where the configuration has a reflector's container run. @param lab where it runs without a word, if there is one */
export function placeOf<Network>(
  reflector: object,
  lab: { readonly dockerHost: string; readonly network: Network } | undefined,
) {
  const given = containerConfigOf(reflector);
  const { image } = given;
  const network: string | Network | undefined = given.network ?? lab?.network;
  return {
    access: dockerAccess(given, lab?.dockerHost),
    ...(image === undefined ? {} : { image }),
    ...(network === undefined ? {} : { network }),
  };
}

/** What a step is told to reach the container of a reflector. */
export function reachOf({ dockerHost, dockerCerts, container }: Reach): Reach {
  return { dockerHost, container, ...(dockerCerts === undefined ? {} : { dockerCerts }) };
}

interface Reach {
  readonly dockerHost: string;
  readonly container: string;
  readonly dockerCerts?: string;
}
