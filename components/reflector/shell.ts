import type { ReflectorConfig } from "../../config/types";
import type { ReflectorShell } from "../../plan/access";
import { type DockerAccess, expandHome, plainMark, resolveDocker } from "../../util/docker-host";
import { routerKind } from "./kinds";
import { reflectorContainer } from "./names";

type DockerShell = Extract<ReflectorShell, { via: "docker" }>;

/**
 * How the configuration has a reflector's Docker daemon reached.
 * @param labHost the lab's, where there is one
 */
export function dockerAccess(
  { dockerHost, dockerCerts, allowPlainTcp }: Partial<ReflectorConfig>,
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

/** What a step is told to reach the container of a reflector. */
export function reachOf({ dockerHost, dockerCerts, container }: Reach): Reach {
  return { dockerHost, container, ...(dockerCerts === undefined ? {} : { dockerCerts }) };
}

interface Reach {
  readonly dockerHost: string;
  readonly container: string;
  readonly dockerCerts?: string;
}
