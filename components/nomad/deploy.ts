import type { AccessSecrets, CoeDeploy } from "../contract/deploy";
import { type HostAccess, shellWithKey } from "../linux/deploy";
import type { NomadReach } from "./api/access";
import { readAuthority } from "./authority";
import { accessConfigOf } from "./model/access";
import { type ProbeConfig, probeOf } from "./model/config";
import { NomadPeering } from "./peering";
import { probeClients } from "./probe-job";

/** How a cluster is reached: its API, and the hosts of its clients. */
export interface NomadEndpoints
  extends Partial<NomadReach>,
    Pick<AccessSecrets, "token">,
    HostAccess {
  /** By what the probe runs where the configuration says nothing of it. */
  readonly probe?: ProbeConfig;
}

/** Nomad: jobs by its HTTP API, the network of each client and its BIRD by SSH. */
export const nomad: CoeDeploy<NomadEndpoints> = {
  make(name, { given, probe, ...args }, options) {
    const own = { ...args.access.probe, ...(given === undefined ? {} : probeOf(given)) };
    return new NomadPeering(
      name,
      { ...args, ...(probe === undefined ? {} : { probe: { ...own, ...probe } }) },
      options,
    );
  },
  external(access, _coe, { token, privateKey }) {
    const { url, ca, ssh = {} } = accessConfigOf(access);
    return {
      ssh,
      ...(url === undefined ? {} : { url }),
      ...(ca === undefined ? {} : { ca: readAuthority(ca) }),
      ...(token === undefined ? {} : { token }),
      ...(privateKey === undefined ? {} : { privateKey }),
    };
  },
  shell: (access, node, secrets) => shellWithKey(accessConfigOf(access).ssh ?? {}, node, secrets),
  probeNodes: ({ nodes }) => probeClients(nodes),
  output: { name: "nomads", of: ({ url }) => url },
};
