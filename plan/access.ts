import { z } from "zod";

/*
 * How the running parts are reached: what the stack exports beside the plan, and what `seamless verify`
 * works with. Nothing here says what is expected of them; that is the plan's business.
 */

const text = z.string();

/** By SSH. Where nothing is said of keys, ssh does what its own configuration says. */
export type SshShell = z.infer<typeof sshShell>;
const sshShell = z
  .object({
    via: z.literal("ssh"),
    /** `ssh://user@address:port` */
    target: text,
    /** Path of the private key. */
    keyFile: text.exactOptional(),
    /** The private key itself, which makes a secret of the whole. */
    key: text.exactOptional(),
    /** Lines of known_hosts: hosts with other keys are not spoken to. */
    knownHosts: z.array(text).readonly().exactOptional(),
    /** Path of such a file. */
    knownHostsFile: text.exactOptional(),
  })
  .readonly();

/** A way to run a program on a node. */
export type Shell = z.infer<typeof shellSchema>;
export const shellSchema = z.discriminatedUnion("via", [
  z
    .object({
      via: z.literal("docker"),
      dockerHost: text,
      container: text,
      /** Folder with ca.pem, cert.pem and key.pem for a dockerHost at tcp://. Absent: as the environment says. */
      dockerCerts: text.exactOptional(),
    })
    .readonly(),
  sshShell,
  /** Through the COE itself: by what of it shares the node's network. Stacks have the word in their outputs. */
  z.object({ via: z.literal("kubectl") }).readonly(),
]);

/** Whether a node is only reached through its COE. */
export function byCoe({ via }: Shell): boolean {
  return via !== "docker" && via !== "ssh";
}

export type ReflectorShell = z.infer<typeof reflectorShell>;
const reflectorShell = z.union([
  shellSchema.and(
    z
      .object({
        /** Where its daemon answers there, as the client of its kind takes it. Absent: where that client asks by itself. */
        api: text.exactOptional(),
      })
      .readonly(),
  ),
  /** A program of this machine, to which the question is added; what it prints is that of the named program. */
  z.object({ via: z.literal("command"), program: text, argv: z.array(text).readonly() }).readonly(),
]);

export type CoeAccess = z.infer<typeof coeAccess>;
const coeAccess = z
  .looseObject({
    /** By node name. Beside it is how the COE itself is reached, in the words of its kind. */
    nodes: z.record(text, shellSchema).readonly(),
  })
  .readonly();

export type Access = z.infer<typeof accessSchema>;
export const accessSchema = z
  .object({
    /** By reflector name: where the client of its daemon can be run. */
    reflectors: z.record(text, reflectorShell).readonly(),
    coes: z.record(text, coeAccess).readonly(),
  })
  .readonly();
