import { join } from "node:path";
import { label } from "../../util/label";
import { cacheDir, stateDir } from "../../util/paths";

/** Where the parts of a lab are; everything follows from its name. */
export interface MachineNames {
  /** The lab's name. */
  readonly name: string;
  /** Network namespace, as `ip netns` knows it. */
  readonly namespace: string;
  /** Everything that belongs to the running lab and has no other place; gone when the lab is. */
  readonly folder: string;
  readonly socket: string;
  readonly dockerHost: string;
  readonly pidFile: string;
  readonly log: string;
  readonly containerdPidFile: string;
  readonly containerdLog: string;
  /** Docker's volatile files; below /run, since paths of sockets in it may be 107 bytes long at most. */
  readonly execRoot: string;
  /** Names the folder of the lab that runs: the namespace is the machine's, the folder depends on the environment. */
  readonly ownerFile: string;
  /** Docker's images and volumes: kept in the cache, so that the next lab starts quickly. */
  readonly dataRoot: string;
  readonly forwardPidFile: string;
  readonly forwardLog: string;
}

/** What every lab's namespace begins with. */
export const namespacePrefix = "seamless-";

/** @throws SeamlessError when the name is no DNS label: folders are removed by it */
export function machineNames(lab: string): MachineNames {
  const name = label("lab.name", lab);
  const folder = join(stateDir(), `lab-${name}`);
  const socket = join(folder, "docker.sock");
  const execRoot = `/run/seamless-${name}`;
  return {
    name,
    namespace: `${namespacePrefix}${name}`,
    folder,
    socket,
    dockerHost: `unix://${socket}`,
    pidFile: join(folder, "docker.pid"),
    log: join(folder, "dockerd.log"),
    containerdPidFile: join(folder, "containerd.pid"),
    containerdLog: join(folder, "containerd.log"),
    execRoot,
    ownerFile: `/run/seamless/${name}.owner`,
    dataRoot: join(cacheDir(), `lab-docker-${name}`),
    forwardPidFile: join(folder, "forward.pid"),
    forwardLog: join(folder, "forward.log"),
  };
}
