import type { Shell } from "../../plan/access";
import { reflectorContainer } from "./names";

/** Where Docker listens when nobody says otherwise. */
const defaultHost = "unix:///var/run/docker.sock";

type DockerShell = Extract<Shell, { via: "docker" }>;

/** How a program is run beside a reflector's gobgpd. @param dockerHost default: DOCKER_HOST, else the machine's own */
export function reflectorShell(reflector: string, dockerHost: string | undefined): DockerShell {
  return {
    via: "docker",
    dockerHost: dockerHost ?? process.env.DOCKER_HOST ?? defaultHost,
    container: reflectorContainer(reflector),
  };
}
