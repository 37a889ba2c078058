import type { AccessSecrets, CoeDeploy } from "../contract/deploy";
import type { DcosReach } from "./api/access";
import { readAuthority } from "./authority";
import { accessConfigOf, ownOf, probeFormOf } from "./model/config";
import { etcdUrls } from "./model/services";
import { DcosPeering } from "./peering";
import { appAgents } from "./roles";

/** How a cluster is reached. */
export interface DcosEndpoints extends Partial<DcosReach>, AccessSecrets {
  /** Endpoints of the etcd that is Calico's datastore. */
  readonly etcdEndpoints?: readonly string[];
}

/** DC/OS: Calico objects by calicoctl, apps by Marathon, nodes by ssh. */
export const dcos: CoeDeploy<DcosEndpoints> = {
  make(name, { given, probe, ...args }, options) {
    const form = given === undefined ? undefined : probeFormOf(given);
    return new DcosPeering(
      name,
      {
        ...args,
        ...(given === undefined ? {} : { packages: ownOf(given).packages }),
        ...(probe === undefined
          ? {}
          : { probe: { ...probe, ...(form === undefined ? {} : { form }) } }),
      },
      options,
    );
  },
  external(access, coe, secrets) {
    const { url, ca, uid, etcd } = accessConfigOf(access);
    const etcdEndpoints = etcd ?? etcdUrls(coe);
    return {
      ...(url === undefined ? {} : { url }),
      ...(ca === undefined ? {} : { ca: readAuthority(ca) }),
      ...(uid === undefined ? {} : { uid }),
      ...(etcdEndpoints === undefined ? {} : { etcdEndpoints }),
      ...secrets,
    };
  },
  shell(access, node) {
    const { ssh } = accessConfigOf(access);
    if (ssh === undefined) return undefined;
    const port = ssh.port === undefined ? "" : `:${ssh.port}`;
    return { via: "ssh", target: `ssh://${ssh.user}@${node.address}${port}` };
  },
  // A master may speak BGP, too, but runs no tasks.
  probeNodes: (coe) => appAgents(coe).length,
  output: { name: "urls", of: ({ url }) => url },
};
