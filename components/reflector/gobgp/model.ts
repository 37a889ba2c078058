import { inContainer } from "../model";

/** What the configuration says of a reflector of this kind. */
export const gobgpModel = inContainer("gobgp", {
  noBfd:
    "GoBGP 4.8 ends a session again and again once the daemon at its other end was started anew",
  keepalive: 3,
});
