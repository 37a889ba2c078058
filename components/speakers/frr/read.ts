import { parsed } from "../../ask/shell";
import type { Speaker } from "../contract";
import { askNeighbours, askSessions, neighboursIn, parseFrrStatus } from "./vtysh";

/** Asks the FRR of a node, whoever configures it. */
export const readFrrNode: Speaker["read"] = async (beside) => {
  const found = parsed(await beside(askNeighbours), neighboursIn);
  if (!found.ok) return found;
  const said = await beside(askSessions(found.value));
  // A script is nothing that a reader would type.
  return parsed({ ...said, asked: found.asked }, parseFrrStatus);
};
