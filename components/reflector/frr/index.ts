import type { RouterKind } from "../contract";
import { routerConfig } from "../routing";
import { applyFrr } from "./apply";
import { renderFrr } from "./conf";
import { frrContainer, frrSockets } from "./container";
import { frrExchange } from "./exchange";
import { describeFrr } from "./file";
import { frrImage } from "./image";
import { withFrrPasswords } from "./passwords";
import { complaint } from "./said";
import { readFrr, readFrrNeighbors } from "./state";
import { frrSteps } from "./steps";
import { frrNeighbours, frrRib } from "./tables";
import { widenFrr } from "./widen";

/** FRR's bgpd. */
export const frr: RouterKind = {
  title: "FRR",
  daemon: "bgpd",
  container: frrContainer,
  image: frrImage,
  render: (plan, reflector) => renderFrr(routerConfig(plan, reflector)),
  withPasswords: withFrrPasswords,
  describe: describeFrr,
  check: { argv: ["bgpd", "-C", "-S", "-Z", "-f", "/dev/stdin"], complaint },
  reload: { apply: applyFrr },
  apiOf: () => frrSockets,
  client: (api) => ["vtysh", ...(api === undefined ? [] : ["--vty_socket", api])],
  tables: { neighbours: frrNeighbours, rib: frrRib },
  read: readFrr,
  exchange: frrExchange,
  neighbors: readFrrNeighbors,
  widen: widenFrr,
  steps: frrSteps,
};
