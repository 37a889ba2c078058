import { parsed } from "../../ask/shell";
import type { Speaker } from "../contract";
import { frrObjects } from "./objects";
import { frrRouteProtocol } from "./traits";
import { askNeighbours, askSessions, neighboursIn, parseFrrStatus } from "./vtysh";

/** FRR, configured by FRR-K8s. */
export const frrK8s: Speaker = {
  objects: (plan, coe) => frrObjects(plan, coe),
  async read(beside) {
    const found = parsed(await beside(askNeighbours), neighboursIn);
    if (!found.ok) return found;
    const said = await beside(askSessions(found.value));
    // A script is nothing that a reader would type.
    return parsed({ ...said, asked: found.asked }, parseFrrStatus);
  },
  routeProtocol: frrRouteProtocol,
};
