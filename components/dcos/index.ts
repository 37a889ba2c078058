import { etcdUrls } from "../../plan/services";
import type { CoeKind } from "../types";
import { readAuthority } from "./authority";
import { DcosPeering } from "./peering";
import { appAgents } from "./roles";

/** DC/OS: Calico objects by calicoctl, apps by Marathon, nodes by ssh. */
export const dcos: CoeKind = {
  make: (name, args, options) => new DcosPeering(name, args, options),
  external({ url, ca, uid, etcd }, coe, secrets) {
    const etcdEndpoints = etcd ?? etcdUrls(coe);
    return {
      ...(url === undefined ? {} : { url }),
      ...(ca === undefined ? {} : { ca: readAuthority(ca) }),
      ...(uid === undefined ? {} : { uid }),
      ...(etcdEndpoints === undefined ? {} : { etcdEndpoints }),
      ...secrets,
    };
  },
  shell({ ssh }, node) {
    if (ssh === undefined) return undefined;
    const port = ssh.port === undefined ? "" : `:${ssh.port}`;
    return { via: "ssh", target: `ssh://${ssh.user}@${node.address}${port}` };
  },
  // A master may speak BGP, too, but runs no tasks.
  probeNodes: (coe) => appAgents(coe).length,
};
