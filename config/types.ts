import type { PoolNames, Ranges } from "../util/ranges";

/**
 * The configuration after validation: typed, with defaults filled in, still keyed by the user's names.
 * Field by field it is what the user writes; docs/configuration.md lists the rules.
 */
export interface Config {
  readonly network: NetworkConfig;
  readonly reflectors: Readonly<Record<string, ReflectorConfig>>;
  readonly coes: Readonly<Record<string, CoeConfig>>;
  /** Present when at least one engine is `embedded`. */
  readonly lab?: LabConfig;
  /** Names in `seamless:bgpPasswords`, sorted: COEs whose BGP sessions have a password. Absent: none. */
  readonly bgpPasswords?: readonly string[];
}

export interface NetworkConfig {
  /** The ranges every container address comes from, as canonical CIDRs. Absent: container ranges may be anywhere. */
  readonly supernet?: Ranges;
  /** The networks the nodes and the reflectors are on. */
  readonly nodes: Ranges;
  /** The autonomous system of the reflectors, and of nodes that name none (RFC 4271, RFC 6793). */
  readonly asn: number;
  /** Prefix length of the block one node takes at a time. Default: 26, as in Calico IPAM. */
  readonly blockSize: number;
}

export interface ReflectorConfig {
  readonly kind: string;
  readonly address: string;
  /** RFC 4456 cluster-id, written like an address. Default: its address. */
  readonly clusterId?: string;
  /** TCP port at which it takes sessions; it asks nodes at 179. Default: 179. */
  readonly port?: number;
  /** Default: the network's. */
  readonly asn?: number;
  /** Docker daemon that runs it, such as ssh://user@host. Default: the lab's when there is one, else DOCKER_HOST. */
  readonly dockerHost?: string;
  /** Folder with the ca.pem, cert.pem and key.pem by which a dockerHost at tcp:// is reached. Default: no TLS. */
  readonly dockerCerts?: string;
  /** Whether dockerHost may be a tcp:// without TLS beyond this machine. Default: false. */
  readonly allowPlainTcp?: boolean;
  /** Image with gobgpd and gobgp, by digest. Default: one of the toolchain's GoBGP, made on the Docker host. */
  readonly image?: string;
  /** Docker network it is attached to at its address. Default: the lab's; without a lab the host's own network. */
  readonly network?: string;
}

export interface CoeConfig {
  readonly kind: string;
  /** Ranges of its containers. The first is the one it began with; more are added behind it. */
  readonly podCidr: Ranges;
  /** Ranges of podCidr that give no new addresses, while containers move to the others. Default: none. */
  readonly retiring?: readonly string[];
  /**
   * Name of Calico's pool of podCidr where there is one already, which is taken over and kept; with several ranges a map
   * from range to name. Default: after its range.
   */
  readonly pool?: PoolNames;
  readonly serviceCidr?: string;
  /** Whether addresses of services are reachable from the other engines. Default: false. */
  readonly announceServices: boolean;
  /** Range for addresses of load balancers; announced. On DC/OS marathon-lb has its first address. Absent: none. */
  readonly loadBalancerCidr?: string;
  /**
   * Whether Calico assigns the addresses of loadBalancerCidr, from a pool of the plan. False: somebody else does, such as
   * MetalLB, and Calico announces them. Default: true.
   */
  readonly loadBalancerPool?: boolean;
  /** Range of services' external addresses; announced. Absent: none. */
  readonly externalCidr?: string;
  /** Default: the network's. */
  readonly blockSize: number;
  /** False: plan it and make it known to the reflectors, but apply nothing to it yet. Default: true. */
  readonly deploy: boolean;
  readonly access: AccessConfig;
  /** The workload by which `seamless verify` proves traffic. Absent: none is deployed. */
  readonly probe?: ProbeConfig;
  /** Who reaches its containers. Default: in the lab open, as in the reference experiment; elsewhere it must be said. */
  readonly policy: PolicyMode;
  /** With `cross-coe`: names of the COEs whose containers are let in. */
  readonly allowFrom?: readonly string[];
  /** With `cross-coe` and `closed`: ranges of hosts outside the plan that are let in, too. Default: none. */
  readonly allowFromHosts?: readonly string[];
  /** With `open`: policies of the cluster that may lose their effect, or `all`. Default: none. */
  readonly policyOverrides?: readonly string[];
  /** Whether its containers reach the world outside the plan by their node's address. Default: false. */
  readonly natOutgoing: boolean;
  /** By what the other engines resolve its names. Absent: they do not. */
  readonly names?: NamesConfig;
  /** What a cluster needs beside its network. Default: none is made. */
  readonly addons: AddonsConfig;
  /** Packages of DC/OS's catalogue to install. Default: none. */
  readonly packages: PackagesConfig;
  /** The API of the Calico objects that are applied: v1 is for Calico 2.x with calicoctl 1.x. Default: v3. */
  readonly calicoApi?: CalicoApi;
  /** Kubernetes: namespace of calico-node, where passwords of BGP sessions belong. Default: kube-system. */
  readonly calicoNamespace?: string;
  readonly nodes: Readonly<Record<string, NodeConfig>>;
}

/** `v3`: projectcalico.org/v3, in etcd v3; `v1`: that of Calico 2.x, in etcd v2. */
export type CalicoApi = "v1" | "v3";

/** Name servers of an engine that the others' name servers ask. */
export interface NamesConfig {
  /** Zones they answer for. Default: those of the kind; cluster.local, or mesos and thisdcos.directory. */
  readonly zones?: readonly string[];
  /** Their addresses, with `:port` where it is not 53. Default: the tenth address of serviceCidr; the masters. */
  readonly servers?: readonly string[];
}

/** Each is made when it is there, and left alone when it is not. */
export interface AddonsConfig {
  readonly dns?: DnsAddon;
  readonly metrics?: MetricsAddon;
  readonly dashboard?: DashboardAddon;
  readonly heapster?: HeapsterAddon;
}

/** A name server of a cluster: today's, and its predecessor. */
export type DnsKind = "coredns" | "kube-dns";

/** The name server, at the tenth address of serviceCidr. */
export interface DnsAddon {
  /** Default: coredns. */
  readonly kind?: DnsKind;
  /** CoreDNS's. Default: upstream's of the version that was tried. */
  readonly image?: string;
  /** Those of kube-dns, by the container's name: `kubedns`, `dnsmasq`, `sidecar`. Default: upstream's. */
  readonly images?: Readonly<Record<string, string>>;
  /** How many servers. Default: 2. */
  readonly replicas?: number;
  /** Servers for names outside the cluster, or a file that lists them. Default: /etc/resolv.conf of the node. */
  readonly upstream?: readonly string[];
}

/** metrics-server, which `kubectl top` asks. */
export interface MetricsAddon {
  /** Default: upstream's of the version that was tried. */
  readonly image?: string;
  /** True where the kubelets' certificates are not signed by the cluster's authority. Default: false. */
  readonly insecureKubelets?: boolean;
}

/** Each is installed when it is there, and left alone when it is not. */
export interface PackagesConfig {
  /** An etcd cluster on the private agents, which becomes Calico's datastore. */
  readonly etcd?: EtcdPackage;
  /** A second Marathon, for the users' apps. */
  readonly "marathon-user"?: MarathonUserPackage;
  /** A load balancer on the public agents for apps of the second Marathon, or else of the first. */
  readonly "marathon-lb"?: MarathonLbPackage;
}

export interface PackageConfig {
  /** Default: the newest that the cluster's repositories have. */
  readonly version?: string;
  /** Options in the words of the package, over those that follow from the rest. Default: none. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether one that was installed by hand is taken over. Default: false, and the update says so. */
  readonly adopt?: boolean;
}

export interface EtcdPackage extends PackageConfig {
  /** Members, each on a private agent of its own. Default: 3. */
  readonly size?: number;
}

export interface MarathonUserPackage extends PackageConfig {
  /** Whether it is offered public agents, too, by their role slave_public. Default: false. */
  readonly publicAgents?: boolean;
  /** Whether it may be removed with apps running, which end with it. Default: false. */
  readonly removeApps?: boolean;
}

export interface MarathonLbPackage extends PackageConfig {
  /** The value of the label HAPROXY_GROUP of the apps it serves. Default: external. */
  readonly group?: string;
}

/** A program that shows a cluster in a browser. */
export type DashboardKind = "kubernetes-dashboard" | "kube-web-view";

/** A dashboard with no more rights than to look, in the namespace `kubernetes-dashboard`. */
export interface DashboardAddon {
  /** Default: kubernetes-dashboard. */
  readonly kind?: DashboardKind;
  /** By the part's name, such as `web`. Default: upstream's of the version that was looked at. */
  readonly images?: Readonly<Record<string, string>>;
}

/** Heapster, which metrics-server has replaced: for what still asks it. */
export interface HeapsterAddon {
  /** Default: upstream's last. */
  readonly image?: string;
}

/** `embedded`: in the lab, made by the same update. Otherwise how the engine that is there is reached. */
export type AccessConfig = "embedded" | ExternalAccess;

/** Every kind takes some of these. Secrets stand apart, in `seamless:tokens`, `seamless:passwords` and `seamless:keys`. */
export interface ExternalAccess {
  /** Kubernetes: path of a kubeconfig file (`~` is the home folder). */
  readonly kubeconfig?: string;
  /** Kubernetes: context in it. Default: its current context. */
  readonly context?: string;
  /** DC/OS: URL of the cluster, that is of Admin Router. */
  readonly url?: string;
  /** DC/OS: file with the certificates that sign the cluster's. Default: those the system trusts. */
  readonly ca?: string;
  /** DC/OS: user or service account that logs in. Default: nobody, or who the token says. */
  readonly uid?: string;
  /** DC/OS: endpoints of the etcd that is Calico's datastore. Default: those of the package etcd. */
  readonly etcd?: readonly string[];
  /** Whether a login may go over plain HTTP to another machine, where all on its way can read it. Default: false. */
  readonly allowHttp?: boolean;
  /** How nodes are reached for verification: user and port of ssh. */
  readonly ssh?: { readonly user: string; readonly port?: number };
}

/** `open`: everything; `cross-coe`: the named engines and the own one; `closed`: the own one. */
export type PolicyMode = "open" | "cross-coe" | "closed";

/** In the words of Marathon 1.5 and later, or of those before. */
export type ProbeForm = "networks" | "ipAddress";

export interface ProbeConfig {
  /** How many servers. Default: one for each node that may run one. */
  readonly instances?: number;
  /** Image of the probe: for Kubernetes one with /bin/busybox, for DC/OS one with a shell and nginx. Default: the lab's own; needed elsewhere. */
  readonly image?: string;
  /** DC/OS: how the app names its container network. Default: networks. */
  readonly form?: ProbeForm;
}

export interface NodeConfig {
  readonly address: string;
  /** In the words of the kind. Default: the kind's plain worker. */
  readonly role?: string;
  /** Default: the network's. */
  readonly asn?: number;
  /** Whether it has a session with the reflectors. Default: by its role; a DC/OS master has none. */
  readonly speaker?: boolean;
}

export interface LabConfig {
  /** Names the lab's namespace, network and containers. Default: lab. */
  readonly name: string;
  /** Loopback ports of the machine by which the lab's APIs are reached. */
  readonly ports: { readonly kubernetes: number; readonly etcd: number; readonly dcos: number };
}
