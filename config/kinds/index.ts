import { dcos } from "./dcos";
import { kubernetes } from "./kubernetes";
import type { KindFacts } from "./types";

export type { KindFacts } from "./types";

/** Every kind of engine, by the name the configuration uses. */
export const kindFacts: Readonly<Record<string, KindFacts>> = { dcos, kubernetes };

/** Kinds of reflectors. */
export const reflectorKinds: readonly string[] = ["gobgp"];
