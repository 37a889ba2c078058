import { z } from "zod";

/*
 * How Nomad's HTTP API is reached: configuration, outputs of the stack and inputs of steps have their parts from here.
 */

/** What is no secret of it. */
export const reachFields = {
  /** URL of a server, or of what balances several: `https://nomad.example.com:4646`. */
  url: z.string().min(1),
  /** Certificates that sign the server's, as PEM text. Default: those that Node.js knows. */
  ca: z.string().exactOptional(),
};

const reach = z.object(reachFields);
export type NomadReach = Readonly<z.infer<typeof reach>>;

/** As the stack outputs have it. */
export const nomadSettings = z.object({
  ...reachFields,
  /** ACL token; a secret. Empty, or absent: none. */
  token: z.string().optional(),
});

/** The environment variable by which a step gets the token. */
export const tokenVariable = "SEAMLESS_NOMAD_TOKEN";

/** How the API is reached by who asks it. */
export interface NomadAccess extends NomadReach {
  readonly token?: string;
}

export function accessFrom({ token, ...reached }: z.infer<typeof nomadSettings>): NomadAccess {
  return { ...reached, ...(token === undefined || token === "" ? {} : { token }) };
}

/** The same for a step. */
export function stepAccess(reached: NomadReach, env: NodeJS.ProcessEnv): NomadAccess {
  return accessFrom({ ...reached, token: env[tokenVariable] ?? "" });
}
