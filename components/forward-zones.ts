import { renderDcosForwards } from "./dcos/forward-zones";
import { renderKubernetesForwards } from "./kubernetes/addons/stub-zones";

/** By kind of engine: what its name servers are told of the zones of others, as the files they read. */
export const forwardZones: Readonly<
  Record<string, (forwards: Readonly<Record<string, readonly string[]>>) => string>
> = { dcos: renderDcosForwards, kubernetes: renderKubernetesForwards };
