const { total } = require("./total");

/** More than these are no matter of a busy machine. */
const most = 2;

/** Files that get a second turn: a few with daemons, where nothing else has failed. */
function again(files) {
  const paths = files.filter(({ failed }) => failed.length > 0).map(({ path }) => path);
  const alike = paths.every((path) => path.startsWith("test/daemons/"));
  return alike && paths.length <= most ? paths : [];
}

/** @returns what is skipped, what failed in its first turn, and the counts of each file's last turn */
function summary(first, second) {
  const last = new Map(second.map((file) => [file.path, file]));
  const turns = first.filter(({ path }) => last.has(path));
  return [
    ...turns.flatMap(({ path, failed }) =>
      failed.map((name) => `failed beside others: ${path}: ${name}`),
    ),
    ...total(first.map((file) => last.get(file.path) ?? file)),
  ];
}

module.exports = { again, summary };
