/** Objects of FRR-K8s (frrk8s.metallb.io/v1beta1), as far as the plan fills them in. */

/** One of the two families by the session's addresses: `disableMP` is what versions before 0.0.19 and OVN-Kubernetes need for that. */
export interface FrrNeighbor {
  readonly address: string;
  readonly asn: number;
  /** Absent where it is 179. */
  readonly port?: number;
  /** In small letters in the definition, unlike all others. */
  readonly sourceaddress?: string;
  readonly disableMP: true;
  /** Whether the neighbour, in another AS, is more than one hop away. */
  readonly ebgpMultiHop?: true;
  readonly passwordSecret?: { readonly name: string; readonly namespace: string };
  readonly holdTime: string;
  readonly keepaliveTime: string;
  readonly connectTime: string;
  readonly enableGracefulRestart: true;
  /** By what profile of the object it is watched with BFD. Absent: it is not. */
  readonly bfdProfile?: string;
  /** Absent where somebody else says it. */
  readonly toAdvertise?: {
    readonly allowed: { readonly mode: "filtered"; readonly prefixes: readonly string[] };
  };
  readonly toReceive: {
    readonly allowed: { readonly mode: "filtered"; readonly prefixes: readonly FrrSelector[] };
  };
}

/** Prefixes that are accepted; without lengths, the one alone. */
export interface FrrSelector {
  readonly prefix: string;
  readonly ge?: number;
  readonly le?: number;
}

/** Times of BFD, in milliseconds. */
export interface FrrBfdProfile {
  readonly name: string;
  readonly receiveInterval: number;
  readonly transmitInterval: number;
  readonly detectMultiplier: number;
}

export interface FRRConfiguration {
  readonly apiVersion: "frrk8s.metallb.io/v1beta1";
  readonly kind: "FRRConfiguration";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly bgp: {
      /** Absent where nobody is watched. */
      readonly bfdProfiles?: readonly FrrBfdProfile[];
      readonly routers: readonly {
        readonly asn: number;
        readonly neighbors: readonly FrrNeighbor[];
        /** What it may advertise. Absent where somebody else says it. */
        readonly prefixes?: readonly string[];
      }[];
    };
    /** Lines of FRR's own language, behind those that are made of the rest. Absent: none. */
    readonly raw?: { readonly rawConfig: string };
    /** Absent: all nodes. */
    readonly nodeSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  };
}
