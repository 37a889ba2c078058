import { inContainer } from "../model";

/** What the configuration says of a reflector of this kind. */
export const frrModel = inContainer("frr");
