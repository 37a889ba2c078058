#!/usr/bin/env node
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const launch = join(__dirname, "..", "..", "dist", "toolchain", "launch.js");
if (!existsSync(launch)) {
  process.stderr.write("pulumi: not built yet; run: make toolchain\n");
  process.exit(2);
}
require(launch).main(process.argv.slice(2));
