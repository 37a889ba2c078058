/** Last line of a test run, for whoever reads only that. */
module.exports = class Total {
  onRunComplete(_, results) {
    const broken = results.testResults.filter((file) => file.testExecError !== undefined);
    for (const file of results.testResults)
      for (const one of file.testResults)
        if (one.status === "pending" || one.status === "todo")
          process.stdout.write(`skipped: ${one.fullName}\n`);
    const failed = results.numFailedTests + broken.length;
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
  }
};
