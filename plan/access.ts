/**
 * How the running parts are reached: what the stack exports beside the plan, and what `seamless verify`
 * works with. Nothing here says what is expected of them; that is the plan's business.
 */
export interface Access {
  /** By reflector name: where its `gobgp` can be run. */
  readonly reflectors: Readonly<Record<string, ReflectorShell>>;
  readonly coes: Readonly<Record<string, CoeAccess>>;
}

/** A way to run a program on a node. */
export type Shell =
  | {
      readonly via: "docker";
      readonly dockerHost: string;
      readonly container: string;
      /** Folder with ca.pem, cert.pem and key.pem for a dockerHost at tcp://. Absent: as the environment says. */
      readonly dockerCerts?: string;
    }
  | { readonly via: "ssh"; readonly target: string }
  /** By the calico-node pod of that node, which shares the node's network. */
  | { readonly via: "kubectl" };

export type ReflectorShell = Shell & {
  /** Where gobgpd answers there, as `gobgp --target` takes it. Absent: where gobgp asks by itself. */
  readonly api?: string;
};

export interface CoeAccess {
  /** Kubeconfig text; a secret. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** URL of a DC/OS cluster, that is of its Admin Router. */
  readonly url?: string;
  /** Certificates that sign the cluster's, as PEM text. */
  readonly ca?: string;
  /** Who logs in where there is no token. */
  readonly uid?: string;
  /** Password of that user; a secret. */
  readonly password?: string;
  /** Private key of that service account, as PEM text; a secret. */
  readonly privateKey?: string;
  /** Authentication token of the DC/OS cluster; a secret. */
  readonly token?: string;
  readonly etcdEndpoints?: readonly string[];
  /** By node name. */
  readonly nodes: Readonly<Record<string, Shell>>;
}
