import { parseAsNumber } from "../util/as-number";
import type { PoolNames } from "../util/ranges";
import { fromCluster } from "./shape";

/**
 * What can be read of a configuration, whatever else is wrong with it: a value of the wrong type counts as absent.
 * The rules judge this, so that a slip in one place hides no problem in another.
 */
export interface Draft {
  readonly network: {
    /** Undefined when there are none, or it is neither a text nor a list of texts; so are all ranges. */
    readonly supernet: readonly string[] | undefined;
    readonly nodes: readonly string[] | undefined;
    readonly asn: number | undefined;
    readonly blockSize: number | undefined;
  };
  readonly reflectors: Readonly<Record<string, ReflectorDraft>>;
  readonly coes: Readonly<Record<string, CoeDraft>>;
  readonly lab: {
    readonly name: string | undefined;
    readonly ports: Readonly<Record<string, number>>;
  };
}

export interface ReflectorDraft {
  readonly kind: string | undefined;
  readonly address: string | undefined;
  readonly clusterId: string | undefined;
  readonly port: number | undefined;
  readonly asn: number | undefined;
  readonly dockerHost: string | undefined;
  readonly dockerCerts: string | undefined;
  readonly allowPlainTcp: boolean;
  readonly image: string | undefined;
}

export interface CoeDraft {
  readonly kind: string | undefined;
  readonly podCidr: readonly string[] | undefined;
  /** Undefined when it is no list of texts. */
  readonly retiring: readonly string[] | undefined;
  /** A name, or names by range; undefined when it is neither. */
  readonly pool: PoolNames | undefined;
  readonly serviceCidr: string | undefined;
  readonly announceServices: boolean;
  readonly loadBalancerCidr: string | undefined;
  readonly loadBalancerPool: boolean | undefined;
  readonly externalCidr: string | undefined;
  readonly policy: string | undefined;
  /** Whether anything is said of the policy, be it wrong. */
  readonly saysPolicy: boolean;
  /** Undefined when it is no list of texts; so is the next. */
  readonly policyOverrides: readonly string[] | undefined;
  readonly allowFromHosts: readonly string[] | undefined;
  /** Undefined when there are none to be resolved. */
  readonly names: NamesDraft | undefined;
  /** Those asked for, by name. */
  readonly addons: Readonly<Record<string, AddonDraft>>;
  readonly calicoApi: string | undefined;
  readonly calicoNamespace: string | undefined;
  /** Whether it is in the lab. */
  readonly embedded: boolean;
  /** Undefined when there is none. */
  readonly probe: { readonly form: string | undefined; readonly image: boolean } | undefined;
  /** By name, the packages asked for. */
  readonly packages: Readonly<Record<string, Fields>>;
  /** Undefined when it is no list of texts. */
  readonly allowFrom: readonly string[] | undefined;
  /** With the network's as default; undefined when what was written is no number. */
  readonly blockSize: number | undefined;
  /** Undefined when it is embedded, or nothing that could be judged. */
  readonly access: Fields | undefined;
  /** None when the engine itself says which it has. */
  readonly nodes: Readonly<Record<string, NodeDraft>>;
  readonly nodesFromCluster: boolean;
}

export interface NodeDraft {
  readonly address: string | undefined;
  readonly role: string | undefined;
  readonly asn: number | undefined;
  readonly speaker: boolean | undefined;
}

export interface AddonDraft {
  readonly kind: string | undefined;
  /** Whether it names one image for all of it. */
  readonly image: boolean;
  /** Names of the parts whose images it names. */
  readonly images: readonly string[];
  /** Servers for names outside. */
  readonly upstream: readonly string[];
}

export interface NamesDraft {
  /** Undefined when there are none, or it is no list of texts. */
  readonly zones: readonly string[] | undefined;
  readonly servers: readonly string[] | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

/** @param ports the lab's ports where the configuration names none */
export function readDraft(raw: unknown, ports: Readonly<Record<string, number>>): Draft {
  const top = fields(raw);
  const network = fields(top.network);
  const blockSize = network.blockSize === undefined ? 26 : number(network.blockSize);
  const lab = fields(top.lab);
  const given = Object.entries(fields(lab.ports)).flatMap(([name, value]): [string, number][] =>
    typeof value === "number" ? [[name, value]] : [],
  );
  return {
    network: {
      supernet: ranges(network.supernet),
      nodes: ranges(network.nodes),
      asn: asNumber(network.asn),
      blockSize,
    },
    reflectors: map(top.reflectors, (one) => ({
      kind: text(one.kind),
      address: text(one.address),
      clusterId: text(one.clusterId),
      port: number(one.port),
      asn: asNumber(one.asn),
      dockerHost: text(one.dockerHost),
      dockerCerts: text(one.dockerCerts),
      allowPlainTcp: one.allowPlainTcp === true,
      image: text(one.image),
    })),
    coes: map(top.coes, (one) => ({
      kind: text(one.kind),
      podCidr: ranges(one.podCidr),
      retiring: texts(one.retiring),
      pool: text(one.pool) ?? names(one.pool),
      serviceCidr: text(one.serviceCidr),
      announceServices: one.announceServices === true,
      loadBalancerCidr: text(one.loadBalancerCidr),
      loadBalancerPool:
        typeof one.loadBalancerPool === "boolean" ? one.loadBalancerPool : undefined,
      externalCidr: text(one.externalCidr),
      policy: text(one.policy),
      saysPolicy: one.policy !== undefined,
      policyOverrides: texts(one.policyOverrides),
      allowFromHosts: texts(one.allowFromHosts),
      names: isFields(one.names)
        ? { zones: texts(one.names.zones), servers: texts(one.names.servers) }
        : undefined,
      addons: map(one.addons, (addon) => ({
        kind: text(addon.kind),
        image: addon.image !== undefined,
        images: Object.keys(fields(addon.images)),
        upstream: texts(addon.upstream) ?? [],
      })),
      calicoApi: text(one.calicoApi),
      calicoNamespace: text(one.calicoNamespace),
      embedded: one.access === "embedded",
      probe: isFields(one.probe)
        ? { form: text(one.probe.form), image: one.probe.image !== undefined }
        : undefined,
      packages: map(one.packages, (given) => given),
      allowFrom: texts(one.allowFrom),
      blockSize: one.blockSize === undefined ? blockSize : number(one.blockSize),
      access: isFields(one.access) ? one.access : undefined,
      nodesFromCluster: one.nodes === fromCluster,
      nodes: map(one.nodes, (node) => ({
        address: text(node.address),
        role: text(node.role),
        asn: asNumber(node.asn),
        speaker: typeof node.speaker === "boolean" ? node.speaker : undefined,
      })),
    })),
    lab: { name: text(lab.name), ports: { ...ports, ...Object.fromEntries(given) } },
  };
}

/** Whether a value is a map. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function map<T>(value: unknown, read: (one: Fields) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(fields(value)).map(([name, one]) => [name, read(fields(one))]),
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.flatMap((one) => text(one) ?? []);
  return found.length === value.length ? found : undefined;
}

function ranges(value: unknown): readonly string[] | undefined {
  return typeof value === "string" ? [value] : texts(value);
}

function names(value: unknown): Record<string, string> | undefined {
  if (!isFields(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, one]): [string, string][] =>
    typeof one === "string" ? [[key, one]] : [],
  );
  return Object.fromEntries(entries);
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "string" ? parseAsNumber(value) : number(value);
}
