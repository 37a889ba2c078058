import type { RouterKind } from "../contract";
import { complaint } from "./complaint";
import { gobgpConfig } from "./config";
import { apiOf, gobgpContainer, noListeners } from "./container";
import { gobgpExchange } from "./exchange";
import { gobgpImageOf } from "./image";
import { withPasswords } from "./passwords";
import { readNeighbors, readState } from "./state";
import { reloadSteps } from "./steps";
import { gobgpNeighbours, gobgpRib } from "./tables";
import { parseGobgp, renderGobgp } from "./toml";
import { widen } from "./widen";

/** GoBGP. */
export const gobgp: RouterKind = {
  title: "GoBGP",
  daemon: "gobgpd",
  container: gobgpContainer,
  image: gobgpImageOf,
  render: (plan, reflector) => renderGobgp(gobgpConfig(plan, reflector)),
  withPasswords,
  describe: parseGobgp,
  check: {
    argv: ["gobgpd", "-t", "toml", "-d", "-f", "/dev/stdin", ...noListeners],
    complaint,
  },
  reload: { signal: "HUP" },
  apiOf,
  client: (api) => ["gobgp", ...(api === undefined ? [] : ["--target", api]), "-j"],
  tables: { neighbours: gobgpNeighbours, rib: gobgpRib },
  read: readState,
  exchange: gobgpExchange,
  neighbors: readNeighbors,
  widen,
  steps: reloadSteps,
};
