import type { CoePlan, NodePlan } from "../../plan/types";

/** The loopback ports of the machine by which the APIs of the lab are reached. */
export interface LabPorts {
  /** Kubernetes API. */
  readonly kubernetes: number;
  /** The etcd that is Calico's datastore on DC/OS. */
  readonly etcd: number;
  /** Admin Router of DC/OS. */
  readonly dcos: number;
}

/** What one host of the lab is made of, apart from its image: everything here is rendered from the plan. */
export interface HostFiles {
  readonly files: readonly HostFile[];
  /** Started at boot. */
  readonly units: readonly HostUnit[];
}

export interface HostFile {
  /** Relative to {@link hostRoot}. */
  readonly path: string;
  readonly text: string;
  /** Readable by root only. Default: false. */
  readonly secret?: boolean;
}

export interface HostUnit {
  /** Unit name with its suffix, such as `kubelet.service`. */
  readonly name: string;
  readonly text: string;
  /** Paths of the files that the unit reads at its start: it is restarted when one of them changes. */
  readonly reads: readonly string[];
}

/** Certificate authority and leaf certificates, by name, as PEM text. */
export interface Pki {
  readonly authority: string;
  readonly leaves: Readonly<Record<string, KeyPair>>;
  /** Signs the tokens of service accounts. */
  readonly serviceAccount: { readonly privateKey: string; readonly publicKey: string };
}

export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A leaf certificate as it should be. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organization?: string;
  /** Subject alternative names as X.509 writes them: `DNS:name`, `IP:address`. */
  readonly names?: readonly string[];
}

/** How the hosts of one kind of orchestrator are made. */
export interface HostKind {
  /** The certificates its hosts need, by name; empty when it uses none. */
  certificates(coe: CoePlan): Readonly<Record<string, CertificateRequest>>;
  files(coe: CoePlan, node: NodePlan, pki: Pki): HostFiles;
  /** Paths that are kept while a host's container restarts; on volumes, since overlay does not stack on overlay. */
  volumes(node: NodePlan): readonly string[];
  /** Where each of the lab's ports leads that are this kind's: `address:port` inside the lab. */
  forwards(coe: CoePlan): Partial<Readonly<Record<keyof LabPorts, string>>>;
  /** How programs of the machine reach the engine, by those ports. */
  endpoints(ports: LabPorts): LabEndpoints;
}

/** What is known before anything runs; the kubeconfig is a secret and made apart. */
export interface LabEndpoints {
  /** Name of the certificate of the administrator, when there is a kubeconfig to be made. */
  readonly administrator?: string;
  /** Kubernetes API. */
  readonly server?: string;
  readonly url?: string;
  readonly etcdEndpoints?: readonly string[];
}

/** Where a host sees its files. */
export const hostRoot = "/etc/lab";
/** Where a host sees its units: a folder systemd searches that no distribution package writes to. */
export const unitRoot = "/usr/local/lib/systemd/system";
/** Where a host sees the programs built for the lab. */
export const programRoot = "/opt/lab/bin";
/** Where a host sees this project, compiled. */
export const projectRoot = "/opt/lab/dist";
