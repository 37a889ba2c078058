import { z } from "zod";
import { clusterUrlProblem } from "../model/urls";

/** How to reach a DC/OS cluster and who asks. */
export interface DcosAccess {
  /** The cluster's own URL, which is Admin Router's: `https://dcos.example.com`, without `/service/...`. */
  readonly url: string;
  /** Certificate authority of the cluster as PEM text. Default: those that Node.js knows. */
  readonly ca?: string | undefined;
  /**
   * A token as `dcos auth login` leaves it (`dcos config show core.dcos_acs_token`). When it has run out and there is
   * a `login`, that takes over.
   */
  readonly token?: string | undefined;
  /** Who logs in for a token. Default: the given token, or none at all for a cluster that asks for none. */
  readonly login?: DcosLogin | undefined;
}

/** A user with a password, or a service account with its private key: one of the two. */
export interface DcosLogin {
  readonly uid: string;
  readonly password?: string | undefined;
  /** PEM text; the login is signed with it (RS256). */
  readonly privateKey?: string | undefined;
}

/** What is known of a cluster and of who asks, as settings and secrets have it. */
export interface DcosSettings {
  readonly url: string;
  readonly ca?: string | undefined;
  readonly uid?: string | undefined;
  readonly token?: string | undefined;
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
}

/** How a cluster is reached by its settings; an empty secret is none. */
export function accessFrom({ url, ca, uid, ...secrets }: DcosSettings): DcosAccess {
  const given = (secret: string | undefined) => (secret === "" ? undefined : secret);
  const password = given(secrets.password);
  const privateKey = given(secrets.privateKey);
  const login = uid === undefined ? undefined : { uid, password, privateKey };
  return { url, ca, token: given(secrets.token), login };
}

/** An empty secret is none: a stack's secrets are by engine, and one that has none of a sort reads as empty. */
const given = z.string().transform((text) => (text === "" ? undefined : text));

/** @see DcosAccess */
export const dcosAccess = z.strictObject({
  url: z.string().superRefine((url, ctx) => {
    const problem = clusterUrlProblem(url);
    if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
  }),
  ca: z.string().optional(),
  token: given.optional(),
  login: z
    .strictObject({
      uid: z.string().min(1),
      password: given.optional(),
      privateKey: given.optional(),
    })
    .refine(({ password, privateKey }) => (password === undefined) !== (privateKey === undefined), {
      message: "needs either a password or a privateKey, not both",
    })
    .optional(),
});
