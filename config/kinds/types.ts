/** What the plan has to know of a kind of engine; plain facts. */
export interface KindFacts {
  /** Roles of its nodes, by name: whether such a node speaks BGP. */
  readonly roles: Readonly<Record<string, { readonly speaker: boolean }>>;
  /** The role of a node that names none. */
  readonly defaultRole: string;
  /** Settings of `access` that an engine which is there already needs. */
  readonly requires: readonly ("kubeconfig" | "url" | "etcd")[];
  /** Packages that make up for a setting of `access` which is not there. */
  readonly instead: Readonly<Record<string, string>>;
  /** Settings of `access` that mean something to it. */
  readonly accepts: readonly AccessKey[];
  /** Whether its nodes can be read from it. */
  readonly listsNodes: boolean;
  /** The ranges of service addresses it can have. */
  readonly services: readonly ServiceRangeName[];
  /** What its load balancers are, where these announce their range by themselves: a package on all nodes of a role. */
  readonly balancers?: { readonly package: string; readonly role: string };
  /** Whether add-ons can be made in it. */
  readonly addons: boolean;
  /** Whether its Calico may be one that takes v1 documents. */
  readonly calicoApis: boolean;
  /** The workload that proves traffic: what its image has to have, and whether its app has forms. */
  readonly probe: { readonly image: string; readonly forms: boolean };
  /** Whether its nodes can be told a password of BGP sessions. */
  readonly bgpPasswords: boolean;
  /** Names of the packages that can be installed in it. */
  readonly packages: readonly string[];
  readonly names: NameFacts;
  readonly policy: PolicyFacts;
}

/** What a policy on containers cannot tell, or cuts off. */
export interface PolicyFacts {
  /** What leads to containers with the address of a node, whoever asks. */
  readonly byNode: string;
  /** Hosts that have to reach containers and may not be among the nodes, with what fails without them. */
  readonly needed: string;
}

/** The settings of `access`. */
export type AccessKey =
  | "kubeconfig"
  | "context"
  | "url"
  | "ca"
  | "uid"
  | "etcd"
  | "ssh"
  | "allowHttp";

export type ServiceRangeName = "serviceCidr" | "loadBalancerCidr" | "externalCidr";

/** The name servers an engine of a kind has, where the configuration names none. */
export interface NameFacts {
  /** Zones they answer for. */
  readonly zones: readonly string[];
  /** Where they are: an address of the service range, by its place in it, or all nodes of a role. */
  readonly at: { readonly service: number } | { readonly role: string };
}
