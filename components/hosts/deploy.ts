import type { CoeDeploy } from "../contract/deploy";
import { type HostAccess, shellWithKey } from "../linux/deploy";
import { sshOf } from "../linux/model";
import { Hosts } from "./hosts";
import { containersOf } from "./model/plan";

/** Plain hosts, by SSH. */
export const hosts: CoeDeploy<HostAccess> = {
  make: (name, args, options) => new Hosts(name, args, options),
  external(access, _coe, { privateKey }) {
    const ssh = sshOf(access);
    return {
      ...(ssh === undefined ? {} : { ssh }),
      ...(privateKey === undefined ? {} : { privateKey }),
    };
  },
  shell(access, node, secrets) {
    const ssh = sshOf(access);
    return ssh === undefined ? undefined : shellWithKey(ssh, node, secrets);
  },
  probeNodes: (coe) => (containersOf(coe) === "docker" ? Object.keys(coe.nodes).length : 0),
  output: { name: "hosts", of: () => undefined },
};
