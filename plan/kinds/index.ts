import { dcos } from "./dcos";
import { kubernetes } from "./kubernetes";
import type { KindFacts } from "./types";

export type { KindFacts, RoleFacts } from "./types";

/** Every kind of engine by the name the configuration uses. A new kind is a file here and a line below. */
const coeKinds: Readonly<Record<string, KindFacts>> = { dcos, kubernetes };

/** The kinds of route reflector. */
export const reflectorKindNames: readonly string[] = ["gobgp"];

export const coeKindNames: readonly string[] = Object.keys(coeKinds).sort();

export function kindFacts(kind: string): KindFacts | undefined {
  return Object.hasOwn(coeKinds, kind) ? coeKinds[kind] : undefined;
}
