import { z } from "zod";

/*
 * How the running parts are reached: what the stack exports beside the plan, and what `seamless verify`
 * works with. Nothing here says what is expected of them; that is the plan's business.
 */

const text = z.string();

/** A way to run a program on a node. */
export type Shell = z.infer<typeof shell>;
const shell = z.discriminatedUnion("via", [
  z
    .object({
      via: z.literal("docker"),
      dockerHost: text,
      container: text,
      /** Folder with ca.pem, cert.pem and key.pem for a dockerHost at tcp://. Absent: as the environment says. */
      dockerCerts: text.exactOptional(),
    })
    .readonly(),
  z.object({ via: z.literal("ssh"), target: text }).readonly(),
  /** By the calico-node pod of that node, which shares the node's network. */
  z.object({ via: z.literal("kubectl") }).readonly(),
]);

export type ReflectorShell = z.infer<typeof reflectorShell>;
const reflectorShell = shell.and(
  z
    .object({
      /** Where gobgpd answers there, as `gobgp --target` takes it. Absent: where gobgp asks by itself. */
      api: text.exactOptional(),
    })
    .readonly(),
);

export type CoeAccess = z.infer<typeof coeAccess>;
const coeAccess = z
  .object({
    /** Kubeconfig text; a secret. */
    kubeconfig: text.exactOptional(),
    context: text.exactOptional(),
    /** URL of a DC/OS cluster, that is of its Admin Router. */
    url: text.exactOptional(),
    /** Certificates that sign the cluster's, as PEM text. */
    ca: text.exactOptional(),
    /** Who logs in where there is no token. */
    uid: text.exactOptional(),
    /** Password of that user; a secret. */
    password: text.exactOptional(),
    /** Private key of that service account, as PEM text; a secret. */
    privateKey: text.exactOptional(),
    /** Authentication token of the DC/OS cluster; a secret. */
    token: text.exactOptional(),
    etcdEndpoints: z.array(text).readonly().exactOptional(),
    /** By node name. */
    nodes: z.record(text, shell).readonly(),
  })
  .readonly();

export type Access = z.infer<typeof accessSchema>;
export const accessSchema = z
  .object({
    /** By reflector name: where its `gobgp` can be run. */
    reflectors: z.record(text, reflectorShell).readonly(),
    coes: z.record(text, coeAccess).readonly(),
  })
  .readonly();
