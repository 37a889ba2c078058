import { parsed } from "../../ask/shell";
import type { Speaker } from "../contract";
import { speakerNode } from "../node";
import { renderBirdNode } from "./conf";
import { askBirdNode, parseBirdNode } from "./read";
import { birdRouteProtocol } from "./traits";

/** BIRD 2, with one file on each node. */
export const bird: Speaker = {
  objects: (plan, coe) =>
    Object.values(plan.coes[coe]?.nodes ?? {})
      .filter(({ speaker }) => speaker)
      .map((node) => ({
        kind: "bird.conf",
        metadata: { name: node.name },
        text: renderBirdNode(speakerNode(plan, node)),
      })),
  async read(beside) {
    const said = await beside(askBirdNode);
    // A script is nothing that a reader would type.
    const [where] = said.asked.split(" sh -c ");
    return parsed({ ...said, asked: `${where} birdcl show protocols all` }, parseBirdNode);
  },
  routeProtocol: birdRouteProtocol,
};
