import { z } from "zod";
import { clusterUrlProblem } from "../model/urls";

/*
 * How a DC/OS cluster is reached, and who asks. These are all of its fields: configuration, outputs of the stack, inputs of steps
 * and arguments of resources have their parts from here.
 */

/** What is no secret of it. */
export const reachFields = {
  /** The cluster's own URL, which is Admin Router's: `https://dcos.example.com`, without `/service/...`. */
  url: z.string().min(1),
  /** Certificates that sign the cluster's, as PEM text. Default: those that the system trusts. */
  ca: z.string().exactOptional(),
  /** User or service account that logs in where there is no token. Default: nobody. */
  uid: z.string().exactOptional(),
};

const secretFields = {
  /**
   * A token as `dcos auth login` leaves it (`dcos config show core.dcos_acs_token`). When it has run out and there is a
   * login, that takes over.
   */
  token: z.string().optional(),
  /** Of a user. */
  password: z.string().optional(),
  /** Of a service account, as PEM text; the login is signed with it (RS256). */
  privateKey: z.string().optional(),
};

const reach = z.object(reachFields);
export type DcosReach = Readonly<z.infer<typeof reach>>;

/** What is known of a cluster and of who asks, as settings and secrets have it. */
export const dcosSettings = z.object({ ...reachFields, ...secretFields });
export type DcosSettings = Readonly<z.infer<typeof dcosSettings>>;

export type DcosSecret = keyof typeof secretFields;

/** How a cluster is reached by its settings; an empty secret is none. */
export function accessFrom({ url, ca, uid, ...secrets }: DcosSettings): DcosAccess {
  const given = (secret: string | undefined) => (secret === "" ? undefined : secret);
  const password = given(secrets.password);
  const privateKey = given(secrets.privateKey);
  const login = uid === undefined ? undefined : { uid, password, privateKey };
  return { url, ca, token: given(secrets.token), login };
}

/** An empty secret is none: a stack's secrets are by COE, and one that has none of a sort reads as empty. */
const given = z.string().transform((text) => (text === "" ? undefined : text));

export type DcosAccess = Readonly<z.output<typeof dcosAccess>>;
/** How to reach a DC/OS cluster, with the login as a record of its own. */
export const dcosAccess = z.strictObject({
  url: z.string().superRefine((url, ctx) => {
    const problem = clusterUrlProblem(url);
    if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
  }),
  /** Certificate authority of the cluster as PEM text. Default: those that Node.js knows. */
  ca: z.string().optional(),
  /** A token as `dcos auth login` leaves it. Default: `login` is asked for one. */
  token: given.optional(),
  /** Who logs in for a token, again whenever it has run out. Default: only the given token is used. */
  login: z
    .strictObject({
      uid: z.string().min(1),
      /** Of a user: one of the two. */
      password: given.optional(),
      /** PEM text of a service account's key; the login is signed with it (RS256). */
      privateKey: given.optional(),
    })
    .refine(({ password, privateKey }) => (password === undefined) !== (privateKey === undefined), {
      message: "needs either a password or a privateKey, not both",
    })
    .optional(),
});

/** A user with a password, or a service account with its private key: one of the two. */
export type DcosLogin = Readonly<NonNullable<DcosAccess["login"]>>;
