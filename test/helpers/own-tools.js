const { delimiter } = require("node:path");
const { toolsBin } = require("../../util/paths");

// The tools of the toolchain come first: what else is on PATH may be another version, or a program that only starts one.
process.env.PATH = [toolsBin(), process.env.PATH].join(delimiter);
