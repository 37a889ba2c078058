/** What Pulumi runs: the compiled index.ts, compiled anew when a source has changed. */
require("./toolchain/start/light");
const { RunError } = require("@pulumi/pulumi/errors");
const { ensureBuilt } = require("./toolchain/start/build");

try {
  ensureBuilt();
} catch (error) {
  // Pulumi shows the message alone for an error of this class, without a stack trace.
  throw error.code === "SEAMLESS_BUILD" ? new RunError(error.message) : error;
}
try {
  module.exports = require("./dist/index.js");
} catch (error) {
  throw error.name === "SeamlessError" ? new RunError(error.message) : error;
}
