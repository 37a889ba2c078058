import type { RouterKind } from "../contract";
import { routerConfig } from "../routing";
import { parseBird, renderBird } from "./conf";
import { birdContainer, birdSocket } from "./container";
import { birdImage } from "./image";
import { withBirdPasswords } from "./passwords";
import { complaint, refusal } from "./said";
import { readBird, readBirdNeighbors } from "./state";
import { birdSteps } from "./steps";
import { askBfd, birdExchange, parseBirdNeighbours, parseBirdRib } from "./tables";
import { widenBird } from "./widen";

/** BIRD 2. */
export const bird: RouterKind = {
  title: "BIRD",
  daemon: "bird",
  container: birdContainer,
  image: birdImage,
  render: (plan, reflector) => renderBird(routerConfig(plan, reflector)),
  withPasswords: withBirdPasswords,
  describe: parseBird,
  check: { argv: ["bird", "-p", "-c", "/dev/stdin"], complaint },
  reload: { args: ["configure"], refusal },
  apiOf: () => birdSocket,
  // birdc without readline.
  client: (api = birdSocket) => ["birdcl", "-s", api],
  tables: {
    neighbours: { args: ["show", "protocols", "all"], more: askBfd, parse: parseBirdNeighbours },
    rib: { args: ["show", "route", "all"], parse: parseBirdRib },
  },
  read: readBird,
  exchange: birdExchange,
  neighbors: readBirdNeighbors,
  widen: widenBird,
  steps: birdSteps,
};
