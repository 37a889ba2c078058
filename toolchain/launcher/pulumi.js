#!/usr/bin/env node
require("../../dist/toolchain/launch.js").main(process.argv.slice(2));
