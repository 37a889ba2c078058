import pLimit from "p-limit";
import { execTool } from "../../util/tool";

/** Each is a process on this machine, such as ssh or docker, for clusters of hundreds of nodes too. */
const processes = 16;

const atATime = pLimit(processes);

/** Runs a program like {@link execTool}, when fewer than 16 of them run; its time limit begins when it starts. */
export const runProgram: typeof execTool = (tool, args, options) =>
  atATime(() => execTool(tool, args, options));
