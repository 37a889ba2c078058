/** A container network of Calico on one node, as the node's CNI plugin has to know it. */
export interface CalicoNetwork {
  /** The name that apps give in `networks[].name`; also the name of the Calico profile of its endpoints. */
  readonly name: string;
  readonly etcdEndpoints: readonly string[];
  /** Calico's name of the node. */
  readonly nodeName: string;
  /** The API of the datastore: v3 is etcd v3, v1 etcd v2. Default: v3. */
  readonly api?: "v1" | "v3";
  /** Ranges whose pools addresses are taken from. Default: those of all pools. */
  readonly pools?: readonly string[];
}

/**
 * The CNI network configuration of a Calico network in an etcd datastore ("Configure the Calico CNI plugins"), the text
 * of a file in Mesos' `network_cni_config_dir`. Mesos takes one network per file, not a list of plugins; it may say
 * CNI 0.3.1 for Calico 3.x, and 0.1.0, which the plugins of Calico 2.x go by.
 */
export function renderCalicoNetwork(network: CalicoNetwork): string {
  const { name, etcdEndpoints, nodeName, api = "v3", pools } = network;
  const common = {
    etcd_endpoints: etcdEndpoints.join(","),
    ipam: { type: "calico-ipam", ...(pools === undefined ? {} : { ipv4_pools: pools }) },
    log_level: "info",
    name,
    nodename: nodeName,
    type: "calico",
  };
  const conf =
    api === "v1"
      ? { cniVersion: "0.1.0", ...common }
      : {
          cniVersion: "0.3.1",
          datastore_type: "etcdv3",
          ...common,
          log_file_path: "/var/log/calico/cni/cni.log",
        };
  const sorted = Object.entries(conf).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}
