#!/usr/bin/env node
require("../start/light");
require("../start/build").ensureBuiltOrExit("pulumi");
require("../../dist/toolchain/launch.js").main(process.argv.slice(2));
