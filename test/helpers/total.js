const { writeFileSync, writeSync } = require("node:fs");
const { relative } = require("node:path");

/**
 * The last line of a test run, for whoever reads only that; jest's own summary comes before the end. Where SEAMLESS_TOTAL
 * names a file, the counts go there, by files, for whoever adds them up (everything.js).
 */
module.exports = class Total {
  constructor({ rootDir }) {
    this.root = rootDir;
  }

  onRunComplete(_, results) {
    const files = results.testResults.map((file) =>
      count(relative(this.root, file.testFilePath), file),
    );
    if (process.env.SEAMLESS_TOTAL !== undefined)
      writeFileSync(process.env.SEAMLESS_TOTAL, JSON.stringify(files));
    else process.on("exit", () => writeAll(`${total(files).join("\n")}\n`));
  }
};

function count(path, { testExecError, testResults }) {
  const named = (...states) =>
    testResults.filter(({ status }) => states.includes(status)).map(({ fullName }) => fullName);
  const broken = testExecError ? ["the file itself"] : [];
  return {
    path,
    passed: named("passed").length,
    failed: [...named("failed"), ...broken],
    skipped: named("pending", "todo"),
  };
}

/** @returns what is skipped by name, and the counts */
function total(files) {
  const sum = (of) => files.reduce((so, file) => so + of(file), 0);
  return [
    ...files.flatMap(({ skipped }) => skipped.map((name) => `skipped: ${name}`)),
    `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed.length)} failed`,
  ];
}
module.exports.total = total;

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
module.exports.writeAll = writeAll;
