export interface CalicoNetwork {
  /** The name that apps give in `networks[].name`; also the name of the Calico profile of its endpoints. */
  readonly name: string;
  readonly etcdEndpoints: readonly string[];
  /** Calico's name of the node. */
  readonly nodeName: string;
}

/**
 * The CNI network configuration (CNI specification 0.3.1) of a Calico network in an etcd datastore, the text of a
 * file in the agent's `cniConfigDir`. Mesos takes one network per file, not a list of plugins.
 */
export function renderCalicoNetwork(network: CalicoNetwork): string {
  const conf = {
    cniVersion: "0.3.1",
    datastore_type: "etcdv3",
    etcd_endpoints: network.etcdEndpoints.join(","),
    ipam: { type: "calico-ipam" },
    log_file_path: "/var/log/calico/cni/cni.log",
    log_level: "info",
    name: network.name,
    nodename: network.nodeName,
    type: "calico",
  };
  return `${JSON.stringify(conf, null, 2)}\n`;
}
