import type { RouterKind } from "../contract";
import { complaint } from "./complaint";
import { gobgpConfig } from "./config";
import { apiOf, gobgpContainer, noListeners } from "./container";
import { gobgpExchange } from "./exchange";
import { gobgpImageOf } from "./image";
import { withPasswords } from "./passwords";
import { readNeighbors, readState } from "./state";
import { reloadSteps } from "./steps";
import { parseNeighbours, parseRib } from "./tables";
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
  tables: {
    neighbours: { args: ["neighbor"], parse: parseNeighbours },
    rib: { args: ["global", "rib"], args6: ["global", "rib", "-a", "ipv6"], parse: parseRib },
  },
  read: readState,
  exchange: gobgpExchange,
  neighbors: readNeighbors,
  widen,
  steps: reloadSteps,
};
