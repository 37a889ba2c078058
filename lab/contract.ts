import type { CoePlan, NodePlan, Plan, ReflectorPlan } from "../plan/types";
import type { RootFilesystem } from "../util/debian";
import type { ImageFile, ImageSpec } from "../util/docker";
import { exitCode, SeamlessError } from "../util/errors";

/**
 * The loopback ports of the machine by which the APIs of the lab are reached, by names that the kinds give them: what
 * `seamless:lab` has as `ports`.
 */
export type LabPorts = Readonly<Record<string, number>>;

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
  /** Unit name with its suffix, such as `lab-routes.service`. */
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

/** How the lab makes COEs of one kind. The lab is handed the kinds and knows none. */
export interface LabKind {
  /** The certificates its hosts need, by name; empty when it uses none. */
  certificates(coe: CoePlan): Readonly<Record<string, CertificateRequest>>;
  files(coe: CoePlan, node: NodePlan, pki: Pki): HostFiles;
  /** Paths that are kept while a host's container restarts; on volumes, since overlay does not stack on overlay. */
  volumes(node: NodePlan): readonly string[];
  /** By the name of each of the lab's ports that are this kind's: where it leads, as `address:port` inside the lab. */
  forwards(coe: CoePlan): Readonly<Record<string, string>>;
  /**
   * How programs of the machine reach the COE by those ports, in the words of its {@link CoeDeploy}.
   * @param credentials what {@link LabCredentials.render} gave, a secret; undefined where the kind has none
   */
  endpoints<Secret>(ports: LabPorts, credentials: Secret | undefined): object;
  /** The credentials of its administrator. Absent: its API asks for none. */
  readonly credentials?: LabCredentials;
  /** Brings a COE from booted hosts to an API that answers. Does nothing where that is so already. */
  start(context: StartContext): Promise<void>;
  readonly images: LabImages;
  /** What its hosts are made of, where that is not what the others' are. */
  readonly machine?: LabMachine;
  /**
   * By what speaks BGP on the nodes, where that takes more than the update: how the lab makes such a COE. Of their images,
   * nothing is on the hosts, and labs without such COEs have none.
   */
  readonly speakers?: Readonly<Record<string, LabKind>>;
}

/** Hosts of another image than the common one, which is made in labs that have such hosts alone. */
export interface LabMachine {
  readonly system: RootFilesystem;
  /** Units of those packages that are not to start by themselves. */
  readonly masked: readonly string[];
  /** Files of every such host. Absent: there are none. */
  readonly files?: readonly ImageFile[];
}

/** How the lab makes routers of a kind that their owners configure: in a lab it is the owner. */
export interface LabRouter {
  readonly machine: LabMachine;
  /** What the owner gives to it: what is rendered from the plan for that kind, and what applies it. */
  files(plan: Plan, router: ReflectorPlan): HostFiles;
  /** The unit that has applied it when it is active. */
  readonly unit: string;
  /** What asks it: by the name of its answers, and as it is run on its machine. */
  readonly read: { readonly program: string; readonly argv: readonly string[] };
}

/** By kind of reflector: how the lab makes one; undefined where it cannot. */
export type LabRouters = Readonly<Record<string, LabRouter | undefined>>;

/** By kind of COE: how the lab makes one; undefined where it cannot. */
export type LabKinds = Readonly<Record<string, LabKind | undefined>>;

/** What decides how the lab makes a COE. */
type Made = Pick<CoePlan, "kind" | "speaker">;

/** How the lab makes one COE; undefined where it cannot. */
export function labKindOf(kinds: LabKinds, coe: Made): LabKind | undefined {
  const kind = Object.hasOwn(kinds, coe.kind) ? kinds[coe.kind] : undefined;
  return kind === undefined ? undefined : forSpeaker(kind, coe);
}

/** The kind itself, or the way of it that goes with the COE's speaker. */
export function forSpeaker(kind: LabKind, { speaker }: Made): LabKind {
  const { speakers = {} } = kind;
  const own = speaker !== undefined && Object.hasOwn(speakers, speaker) ? speakers[speaker] : kind;
  return own ?? kind;
}

/**
 * The names of what a lab with such COEs has beside what every lab has, sorted: `<kind>`, or `<kind>/<speaker>`. Stacks have
 * them in their states.
 */
export function labNames(kinds: LabKinds, coes: readonly Made[]): string[] {
  const names = coes.flatMap((coe) => {
    const found = labKindOf(kinds, coe);
    if (found === undefined) return [];
    if (found !== kinds[coe.kind]) return [`${coe.kind}/${coe.speaker}`];
    return found.machine === undefined ? [] : [coe.kind];
  });
  return [...new Set(names)].sort();
}

/** What a name stands for. */
export function byLabName(kinds: LabKinds, name: string): LabKind | undefined {
  const [kind = "", speaker] = name.split("/");
  return labKindOf(kinds, speaker === undefined ? { kind } : { kind, speaker });
}

/** What proves the administrator of a COE. */
export interface LabCredentials {
  /** Whether they are to be made again when the node changes. */
  dependOn(node: NodePlan): boolean;
  /** The certificate's name, and the URL of the API it is for. */
  of(ports: LabPorts): { readonly administrator: string; readonly server: string };
  /** The text that programs are given: how the API is found, and who one is there. */
  render(server: string, authority: string, administrator: KeyPair): string;
}

/** What a kind needs in the image of the lab's hosts, and of images beside. */
export interface LabImages {
  /** Debian packages of every host. */
  readonly packages: readonly string[];
  /** Units of those packages that are not to start by themselves. */
  readonly masked: readonly string[];
  /** Programs of the toolchain that are on the hosts' PATH. */
  readonly programs: readonly string[];
  /** Files of every host. */
  files(): readonly ImageFile[];
  /** Root file systems of the pods' images. */
  readonly systems: readonly RootFilesystem[];
  /** Tags of the pods' images. */
  readonly tags: readonly string[];
  /** The images of what runs in pods there, as far as they are not the probe's. */
  pods(say: (message: string) => void): Promise<readonly ImageSpec[]>;
}

/** What starting a COE on its hosts may use. */
export interface StartContext {
  readonly lab: string;
  readonly coe: CoePlan;
  readonly ports: LabPorts;
  /** Digest of the lab's images; where a host has those of another, they are given to it again. */
  readonly images: string;
  readonly say: (message: string) => void;
}

/** A port of the lab. @throws SeamlessError when the configuration has none of that name */
export function portOf(ports: LabPorts, name: string): number {
  const port = ports[name];
  if (port !== undefined) return port;
  throw new SeamlessError(`lab.ports.${name}: missing`, exitCode.usage);
}

/** The key pair of that name. */
export function leafOf(pki: Pki, name: string): KeyPair {
  const leaf = pki.leaves[name];
  if (leaf === undefined) throw new Error(`no certificate '${name}'`);
  return leaf;
}

/** Where a host sees its files. */
export const hostRoot = "/etc/lab";
/** Where a host sees its units: a folder systemd searches that no distribution package writes to. */
export const unitRoot = "/usr/local/lib/systemd/system";
/** Where a host sees the programs built for the lab. */
export const programRoot = "/opt/lab/bin";
/** Where a host sees this project, compiled. */
export const projectRoot = "/opt/lab/dist";
