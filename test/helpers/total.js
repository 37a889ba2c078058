const { writeSync } = require("node:fs");

/** The last line of a test run, for whoever reads only that; jest's own summary comes before the end. */
module.exports = class Total {
  onRunComplete(_, results) {
    const broken = results.testResults.filter((file) => file.testExecError !== undefined);
    const skipped = results.testResults.flatMap((file) =>
      file.testResults.filter((one) => one.status === "pending" || one.status === "todo"),
    );
    const failed = results.numFailedTests + broken.length;
    const lines = [
      ...skipped.map((one) => `skipped: ${one.fullName}`),
      `${results.numPassedTests} passed, ${failed} failed`,
    ];
    process.on("exit", () => writeAll(`${lines.join("\n")}\n`));
  }
};

/** Also to a pipe that is full at the moment: at exit nothing can wait but the whole process. */
function writeAll(text) {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
