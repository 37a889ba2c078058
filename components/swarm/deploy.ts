import type { CoeDeploy } from "../contract/deploy";
import { type HostAccess, shellWithKey } from "../linux/deploy";
import { sshOf } from "../linux/model";
import { SwarmPeering } from "./peering";

/** Docker Swarm: everything by the docker command on the nodes, which are reached by SSH. */
export const swarm: CoeDeploy<HostAccess> = {
  make: (name, args, options) => new SwarmPeering(name, args, options),
  external: (access, _coe, { privateKey }) => ({
    ssh: sshOf(access) ?? {},
    ...(privateKey === undefined ? {} : { privateKey }),
  }),
  shell: (access, node, secrets) => shellWithKey(sshOf(access) ?? {}, node, secrets),
  // Managers run tasks as workers do, unless they are drained.
  probeNodes: (coe) => Object.keys(coe.nodes).length,
  output: { name: "swarms", of: () => undefined },
};
