import { parsed } from "../../ask/shell";
import type { Speaker } from "../contract";
import { askBird, parseBirdStatus } from "./bird";
import { calicoObjects, calicoPlan, inOrder } from "./objects";
import { calicoRouteProtocol } from "./traits";

/** Calico with BIRD. */
export const calico: Speaker = {
  objects: (plan, coe) => inOrder(calicoObjects(calicoPlan(plan, coe))),
  async read(beside, families = [4]) {
    const said = await beside(askBird(families));
    // A script is nothing that a reader would type.
    const [where] = said.asked.split(" sh -c ");
    return parsed({ ...said, asked: `${where} birdcl show protocols all` }, parseBirdStatus);
  },
  routeProtocol: calicoRouteProtocol,
};
