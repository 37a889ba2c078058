const { writeSync } = require("node:fs");

/** The last line of a test run, for whoever reads only that; jest's own summary comes before the end. */
module.exports = class Total {
  onRunComplete(_, results) {
    const broken = results.testResults.filter((file) => file.testExecError !== undefined);
    const skipped = results.testResults.flatMap((file) =>
      file.testResults.filter((one) => one.status === "pending" || one.status === "todo"),
    );
    const failed = results.numFailedTests + broken.length;
    process.on("exit", () => {
      for (const one of skipped) writeSync(1, `skipped: ${one.fullName}\n`);
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`);
    });
  }
};
