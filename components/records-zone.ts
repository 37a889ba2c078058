import type { CoePlan } from "../plan/types";
import { exitCode, SeamlessError } from "../util/errors";

/** The zone that records of a COE's containers are written for: the first one of the configuration. @throws SeamlessError without one */
export function recordsZone({ name, names }: CoePlan): string {
  const [zone] = names?.zones ?? [];
  if (zone !== undefined) return zone;
  throw new SeamlessError(
    `coes.${name}.names: missing; needed: names: { zones: [ZONE], servers: [ADDRESS] }, whose servers read these records`,
    exitCode.usage,
  );
}
