import type { Speaker } from "../contract";
import { readFrrNode } from "../frr/read";
import { frrRouteProtocol } from "../frr/traits";
import { frrObjects } from "./objects";

/** FRR, configured by FRR-K8s. */
export const frrK8s: Speaker = {
  objects: (plan, coe) => frrObjects(plan, coe),
  read: readFrrNode,
  routeProtocol: frrRouteProtocol,
};
