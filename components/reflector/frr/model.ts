import { inContainer } from "../model";

/** What the configuration says of a reflector of this kind. */
export const frrModel = inContainer("frr", {
  noBfd: "its bgpd runs without the zebra that FRR's bfdd asks for interfaces",
});
