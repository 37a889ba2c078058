const { TestEnvironment } = require("jest-environment-node");

/**
 * For files whose tests follow one another in one life of a lab: after the first failure the rest is skipped. Where what
 * comes before all tests fails, every one of them fails by itself.
 */
module.exports = class OrderedEnvironment extends TestEnvironment {
  handleTestEvent(event) {
    if (event.name === "test_done" && event.test.errors.length > 0) this.failed = true;
    if (event.name === "test_start" && this.failed) event.test.mode = "skip";
  }
};
