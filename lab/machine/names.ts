import { join } from "node:path";
import { cacheDir, stateDir } from "../../util/paths";

/** Where the parts of a lab are; everything follows from its name. */
export interface MachineNames {
  /** Network namespace, as `ip netns` knows it. */
  readonly namespace: string;
  readonly folder: string;
  readonly socket: string;
  readonly dockerHost: string;
  readonly pidFile: string;
  readonly log: string;
  /** Docker's volatile files; below /run, since paths of sockets in it may be 107 bytes long at most. */
  readonly execRoot: string;
  /** Docker's images and volumes: kept in the cache, so that the next lab starts quickly. */
  readonly dataRoot: string;
  readonly forwardPidFile: string;
  readonly forwardLog: string;
  /** What the machine's sysctls were before. */
  readonly sysctls: string;
}

export function machineNames(name: string): MachineNames {
  const folder = join(stateDir(), `lab-${name}`);
  const socket = join(folder, "docker.sock");
  return {
    namespace: `seamless-${name}`,
    folder,
    socket,
    dockerHost: `unix://${socket}`,
    pidFile: join(folder, "docker.pid"),
    log: join(folder, "dockerd.log"),
    execRoot: `/run/seamless-${name}`,
    dataRoot: join(cacheDir(), `lab-docker-${name}`),
    forwardPidFile: join(folder, "forward.pid"),
    forwardLog: join(folder, "forward.log"),
    sysctls: join(folder, "sysctls.json"),
  };
}
