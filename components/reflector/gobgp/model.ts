import { z } from "zod";
import type { ReflectorKind } from "../../../config/kind";
import { inContainer } from "../model";

const container = inContainer("gobgp", {
  noBfd:
    "GoBGP 4.8 ends a session again and again once the daemon at its other end was started anew",
  keepalive: 3,
});

const fields = {
  /**
   * Whether it waits for its nodes to connect. GoBGP 4.8 does not settle each collision of its own connection with a node's (RFC
   * 4271, 6.8), and the node is without a session until its hold timer has ended. Default: false.
   */
  passive: z.boolean().exactOptional(),
};
const own = z.object(fields).readonly();

/** What the configuration says of a reflector of this kind. */
export const gobgpModel: ReflectorKind = {
  ...container,
  fields: { ...container.fields, ...fields },
  plan: (reflector) => (own.parse(reflector).passive === true ? { passive: true } : {}),
};
