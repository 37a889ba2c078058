import type { CoeConfig, Config } from "../../config/types";

/** A COE's record of a configuration. */
export function coeOf(config: Config, name: string): CoeConfig {
  const coe = config.coes[name];
  if (coe === undefined) throw new Error(`no ${name} in the configuration`);
  return coe;
}
