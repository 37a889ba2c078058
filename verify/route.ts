import { hostOf } from "../util/net";
import type { KernelRoute } from "./types";

/** A route as `ip route` would print it. */
export function writeRoute(route: KernelRoute): string {
  return [
    ...(route.type === "unicast" ? [] : [route.type]),
    hostOf(route.prefix) ?? route.prefix,
    ...route.gateways.flatMap((gateway) => ["via", gateway]),
    ...(route.device === undefined ? [] : ["dev", route.device]),
    ...(route.protocol === undefined ? [] : ["proto", route.protocol]),
  ].join(" ");
}
