/** A container network of Calico on one node, as the node's CNI plugin has to know it. */
export interface CalicoNetwork {
  /** The name that apps give in `networks[].name`; also the name of the Calico profile of its endpoints. */
  readonly name: string;
  readonly etcdEndpoints: readonly string[];
  /** Path, on the node, of the certificates that sign etcd's. Default: etcd speaks no TLS. */
  readonly authority?: string;
  /** The API of the datastore: v3 is etcd v3, v1 etcd v2. Default: v3. */
  readonly api?: "v1" | "v3";
  /** Ranges whose pools addresses are taken from. Default: those of all pools. */
  readonly pools?: readonly string[];
}

/**
 * The version of CNI in which the plugin answers. Mesos reads only `ip4` and `ip6` of an answer (its message
 * NetworkInfo), which versions from 0.3.0 on do not have: a task would have no address for Marathon and Mesos-DNS.
 */
const cniVersion = "0.1.0";

/**
 * The CNI network configuration of a Calico network in an etcd datastore ("Configure the Calico CNI plugins"), the text
 * of a file in Mesos' `network_cni_config_dir`. Mesos takes one network per file, not a list of plugins. It does not
 * name the node: the plugin knows the name that calico-node gave it (/var/lib/calico/nodename), or else the host's.
 */
export function renderCalicoNetwork(network: CalicoNetwork): string {
  const { name, etcdEndpoints, authority, api = "v3", pools } = network;
  const common = {
    cniVersion,
    ...(authority === undefined ? {} : { etcd_ca_cert_file: authority }),
    etcd_endpoints: etcdEndpoints.join(","),
    ipam: { type: "calico-ipam", ...(pools === undefined ? {} : { ipv4_pools: pools }) },
    log_level: "info",
    name,
    type: "calico",
  };
  const conf =
    api === "v1"
      ? common
      : {
          datastore_type: "etcdv3",
          ...common,
          log_file_path: "/var/log/calico/cni/cni.log",
        };
  const sorted = Object.entries(conf).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}
