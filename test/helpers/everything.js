const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { again, summary } = require("./second-turn");
const { writeAll } = require("./total");

/*
 * All tests of `make test`, or those that arguments of jest name. Files with daemons run three at a time on what may be two cores: the few that fail there get a
 * second turn, each by itself, and the summary names them. Whatever else fails has no second turn.
 */
const folder = mkdtempSync(join(tmpdir(), "seamless-tests-"));
const jest = require.resolve("jest/bin/jest");

function run(...args) {
  const file = join(folder, "total.json");
  rmSync(file, { force: true });
  const env = { ...process.env, SEAMLESS_TOTAL: file };
  const { status } = spawnSync(process.execPath, [jest, ...args], { stdio: "inherit", env });
  try {
    return { status: status ?? 1, files: JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    // It ended before it had counted.
    return { status: status || 1, files: undefined };
  }
}

const first = run("--maxWorkers=3", ...process.argv.slice(2));
const paths = first.status === 0 ? [] : again(first.files ?? []);
const second =
  paths.length === 0
    ? undefined
    : run("--selectProjects", "daemons", "--runInBand", "--runTestsByPath", ...paths);
rmSync(folder, { recursive: true, force: true });
const complete = first.files !== undefined && (second === undefined || second.files !== undefined);
if (complete) writeAll(`${summary(first.files, second?.files ?? []).join("\n")}\n`);
process.exitCode = (second ?? first).status;
