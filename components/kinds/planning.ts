import type { Config, Kinds, ParseOptions, RawConfig, ReadOptions } from "../../config";
import * as config from "../../config";
import { makePlan as make, type Plan, type PlannedKinds, renderPlan as render } from "../../plan";
import { coeModels, routerModels } from "./models";
import { routerTraits } from "./traits";

/*
 * The configuration and the plan, which know no kind, with the kinds that there are.
 */

const coes: PlannedKinds = coeModels;
const kinds: Kinds = { coes, reflectors: routerModels };

export function parseConfig(raw: RawConfig, options: Omit<ParseOptions, "kinds"> = {}): Config {
  return config.parseConfig(raw, { kinds, ...options });
}

export function parseStackConfig(
  text: string | Uint8Array,
  file: string,
  options: Omit<ReadOptions, "kinds"> = {},
): Config {
  return config.parseStackConfig(text, file, { kinds, ...options });
}

export function readStackConfig(file: string, options: Omit<ReadOptions, "kinds"> = {}): Config {
  return config.readStackConfig(file, { kinds, ...options });
}

export function assignIn(
  text: string,
  file: string,
  options: Omit<ReadOptions, "kinds"> = {},
): config.Assigned {
  return config.assignIn(text, file, { kinds, ...options });
}

export function makePlan(from: Config): Plan {
  return make(from, coes, routerTraits, routerModels);
}

export function renderPlan(plan: Plan): string[] {
  return render(plan, coes);
}
