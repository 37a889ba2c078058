import { z } from "zod";
import {
  accessFrom,
  type DcosAccess,
  type DcosReach,
  type DcosSecret,
  reachFields,
} from "./api/access";

/** Input of the steps `marathon-app` and `marathon-app-delete`. Secrets come by the environment. */
export const marathonAppInput = z.strictObject({
  ...reachFields,
  /** Name of the service that is the Marathon: `marathon`, or that of another one. */
  service: z.string().min(1),
  /** The app as Marathon's API takes it. */
  app: z.looseObject({ id: z.string(), instances: z.number() }),
});

export type MarathonAppInput = z.infer<typeof marathonAppInput>;

/** Names of the environment variables that hold the secrets; an empty one is none. */
export const secretVariables = {
  token: "SEAMLESS_DCOS_TOKEN",
  password: "SEAMLESS_DCOS_PASSWORD",
  privateKey: "SEAMLESS_DCOS_PRIVATE_KEY",
} as const satisfies Record<DcosSecret, string>;

/** How the cluster is reached by who runs a step. */
export function accessOf(settings: DcosReach, env: NodeJS.ProcessEnv): DcosAccess {
  return accessFrom({
    ...settings,
    token: env[secretVariables.token],
    password: env[secretVariables.password],
    privateKey: env[secretVariables.privateKey],
  });
}
