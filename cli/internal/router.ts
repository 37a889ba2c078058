import type { RouterKind } from "../../components/reflector/contract";
import { routerKind } from "../../components/reflector/kinds";

/** The kind of the reflector that a step is about. */
export function stepKind(): RouterKind {
  return routerKind(process.env.SEAMLESS_ROUTER_KIND);
}
