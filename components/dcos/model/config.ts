import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import { type CoeConfig, port } from "../../../config/types";
import { ipipField } from "../../speakers/model/ipip";

const text = z.string().exactOptional();

const packageFields = {
  /** Default: the newest that the cluster's repositories have. */
  version: text,
  /** Options in the words of the package, over those that follow from the rest. Default: none. */
  options: z.record(z.string(), z.unknown()).readonly().exactOptional(),
  /** Whether one that was installed by hand is taken over. Default: false, and the update says so. */
  adopt: z.boolean().exactOptional(),
};
const anyPackage = z.object(packageFields).readonly();
export type PackageConfig = z.infer<typeof anyPackage>;

/** An etcd cluster on the private agents, which becomes Calico's datastore. */
const etcd = z
  .strictObject({
    ...packageFields,
    /** Members, each on a private agent of its own. Default: 3. */
    size: z.int().exactOptional(),
  })
  .readonly();

/** A second Marathon, for the users' apps. */
const marathonUser = z
  .strictObject({
    ...packageFields,
    /** Whether it is offered public agents, too, by their role slave_public. Default: false. */
    publicAgents: z.boolean().exactOptional(),
    /** Whether it may be removed with apps running, which end with it. Default: false. */
    removeApps: z.boolean().exactOptional(),
  })
  .readonly();

/** A load balancer on the public agents for apps of the second Marathon, or else of the first. */
export type MarathonLbPackage = z.infer<typeof marathonLb>;
const marathonLb = z
  .strictObject({
    ...packageFields,
    /** The value of the label HAPROXY_GROUP of the apps it serves. Default: external. */
    group: text,
  })
  .readonly();

/** Each is installed when it is there, and left alone when it is not. */
export type PackagesConfig = z.infer<typeof packages>;
const packages = z
  .strictObject({
    etcd: etcd.exactOptional(),
    "marathon-user": marathonUser.exactOptional(),
    "marathon-lb": marathonLb.exactOptional(),
  })
  .readonly();

/** Fields of a cluster's record that no other kind has. */
export const fields = {
  /** Packages of DC/OS's catalogue to install. Default: none. */
  packages: packages.default({}),
  /** The API of the Calico objects that are applied: v1 is for Calico 2.x with calicoctl 1.x. Default: v3. */
  calicoApi: z.enum(["v1", "v3"]).exactOptional(),
  ...ipipField,
};

/** How a cluster that is there already is reached. */
export const accessFields = {
  /** URL of the cluster, that is of Admin Router. */
  url: text,
  /** File with the certificates that sign the cluster's. Default: those the system trusts. */
  ca: text,
  /** User or service account that logs in. Default: nobody, or who the token says. */
  uid: text,
  /** Endpoints of the etcd that is Calico's datastore. Default: those of the package etcd. */
  etcd: z.array(z.string()).readonly().exactOptional(),
  /** How nodes are reached for verification: user and port of ssh. */
  ssh: z.strictObject({ user: z.string(), port: port.exactOptional() }).readonly().exactOptional(),
  /** Whether a login may go over plain HTTP to another machine, where anyone on the path can read it. Default: false. */
  allowHttp: z.boolean().exactOptional(),
};

export const probeFields = {
  /** In the words of Marathon 1.5 and later, or of those before. Default: networks. */
  form: z.enum(["networks", "ipAddress"]).exactOptional(),
};

const own = z.object(fields);
const access = z.object(accessFields);
const probe = z.object(probeFields);
export type DcosConfig = z.infer<typeof own>;
export type DcosAccessConfig = z.infer<typeof access>;
export type ProbeForm = NonNullable<z.infer<typeof probe>["form"]>;

/** A cluster's own fields of a configuration that is valid. */
export function ownOf(coe: CoeConfig): DcosConfig {
  return own.parse(coe);
}

/** How a cluster is reached, of a configuration that is valid. */
export function accessConfigOf(given: unknown): DcosAccessConfig {
  return access.parse(given);
}

/** How the app of the probe names its container network. */
export function probeFormOf(coe: CoeConfig): ProbeForm | undefined {
  return probe.parse(coe.probe ?? {}).form;
}

/** What can be read of a cluster's own fields, and of how it is reached. */
export function draftOf(coe: CoeDraft): Readable<DcosConfig> & {
  readonly access: Readable<DcosAccessConfig> | undefined;
} {
  return {
    ...readable(own, coe.written),
    access: coe.access === undefined ? undefined : (readable(access, coe.access) ?? {}),
  };
}
