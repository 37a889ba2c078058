import { z } from "zod";

/** Input of the steps `marathon-app` and `marathon-app-delete`. The token comes by the environment. */
export const marathonAppInput = z.strictObject({
  /** Base URL of Marathon. */
  url: z.string().min(1),
  /** The app as Marathon's API takes it. */
  app: z.looseObject({ id: z.string(), instances: z.number() }),
});

export type MarathonAppInput = z.infer<typeof marathonAppInput>;

/** Name of the environment variable that holds the token. */
export const tokenVariable = "SEAMLESS_DCOS_TOKEN";
