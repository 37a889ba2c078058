import { dcos } from "./dcos";
import { kubernetes } from "./kubernetes";
import type { KindFacts } from "./types";

export type { KindFacts, NameFacts, ServiceRangeName } from "./types";

/** Every kind of engine, by the name the configuration uses. */
export const kindFacts: Readonly<Record<string, KindFacts>> = { dcos, kubernetes };

/** What is known of a kind; nothing of one that does not exist. */
export function factsOf(kind: string | undefined): KindFacts | undefined {
  return kind !== undefined && Object.hasOwn(kindFacts, kind) ? kindFacts[kind] : undefined;
}

/** Kinds of reflectors. */
export const reflectorKinds: readonly string[] = ["gobgp"];
