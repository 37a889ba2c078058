import type { Speaker } from "../contract";
import { renderFrrNode } from "./conf";
import { frrNode } from "./node";
import { readFrrNode } from "./read";
import { frrRouteProtocol } from "./traits";

/** FRR, with one file on each node. */
export const frr: Speaker = {
  objects: (plan, coe) =>
    Object.values(plan.coes[coe]?.nodes ?? {})
      .filter(({ speaker }) => speaker)
      .map((node) => ({
        kind: "frr.conf",
        metadata: { name: node.name },
        text: renderFrrNode(frrNode(plan, node)),
      })),
  read: readFrrNode,
  routeProtocol: frrRouteProtocol,
};
