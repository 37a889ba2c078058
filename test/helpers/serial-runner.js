const { default: TestRunner } = require("jest-runner");

/** Runs the files of its projects one after another, while no other test runs: jest ends one runner before the next. */
module.exports = class SerialRunner extends TestRunner {
  isSerial = true;
};
