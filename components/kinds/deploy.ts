import { dcos } from "../dcos";
import { kubernetes } from "../kubernetes";
import type { CoeKind } from "../types";

/** Every kind of engine, by the name the configuration uses. A new kind is a folder here and a line below. */
export const coeKinds: Readonly<Record<string, CoeKind>> = { dcos, kubernetes };
