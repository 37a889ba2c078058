/**
 * Compiles the sources into dist when they are not the ones it was compiled from. Everything that runs out of dist asks
 * first: it costs a hundredth of a second. Plain JavaScript, for on a clean clone nothing is compiled yet.
 */
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require("node:fs");
const { join, relative } = require("node:path");

/** Folders of the checkout without sources of the program; what is in hidden folders is not ours either. */
const notSources = new Set(["bench", "coverage", "dist", "docs", "node_modules", "test"]);
/** What decides the result besides the sources. */
const settings = ["package.json", "tsconfig.json", "tsconfig.build.json"];
const stampName = ".sources";
const lockTimeoutSeconds = 300;
/** Says that this run has the lock already. */
const locked = "--locked";

/** The checkout, seen from here. */
const checkout = join(__dirname, "..", "..");

/** The files with this ending below a folder, sorted. */
function filesBelow(folder, ending, skip = new Set()) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skip.has(entry.name) && !entry.name.startsWith("."))
        found.push(...filesBelow(path, ending));
    } else if (entry.name.endsWith(ending)) found.push(path);
  }
  return found.sort();
}

function compilerManifest(root) {
  return join(root, "node_modules", "typescript", "package.json");
}

/** What dist is made of: the files that decide it, and the files that belong into it. */
function partsOf(root) {
  const sources = filesBelow(root, ".ts", notSources);
  return {
    inputs: [...sources, ...settings.map((name) => join(root, name)), compilerManifest(root)],
    outputs: sources
      .filter((file) => !file.endsWith(".d.ts"))
      .map((file) => `${root}/dist${file.slice(root.length, -".ts".length)}.js`),
  };
}

/** Changes whenever something was written to a file, and is had without reading any. */
function looksOf(files) {
  const looks = files.map((file) => {
    const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return `${file} ${size} ${mtimeMs}`;
  });
  return looks.join("\n");
}

/** Changes whenever there is something else in a file. */
function contentOf(root, files) {
  const { createHash } = require("node:crypto");
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${relative(root, file)}\0`);
    if (existsSync(file)) hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** What dist was compiled from: how the files looked and what was in them. Written last. */
function readStamp(root) {
  try {
    return JSON.parse(readFileSync(join(root, "dist", stampName), "utf8"));
  } catch {
    return undefined;
  }
}

function writeStamp(root, stamp) {
  const file = join(root, "dist", stampName);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(stamp));
  renameSync(`${file}.${process.pid}`, file);
}

/** Why dist cannot be used as it is; undefined when it can. */
function staleness(root, { inputs, outputs }) {
  const stamp = readStamp(root);
  if (stamp === undefined) return "nothing is compiled yet";
  if (!outputs.every((file) => existsSync(file))) return "compiled files are missing";
  const looks = looksOf(inputs);
  if (looks === stamp.looks) return undefined;
  if (contentOf(root, inputs) !== stamp.content) return "the sources have changed";
  try {
    writeStamp(root, { ...stamp, looks });
  } catch {
    // A checkout of somebody else's: the next start reads the files again.
  }
  return undefined;
}

/** Takes away what was compiled from sources that are gone: Node.js would prefer `x.js` to the new `x/index.js`. */
function removeLeftovers(root, outputs) {
  const kept = new Set(outputs);
  for (const file of filesBelow(join(root, "dist"), ".js")) if (!kept.has(file)) rmSync(file);
}

function fail(lines) {
  const error = new Error(lines.join("\n"));
  error.code = "SEAMLESS_BUILD";
  throw error;
}

/** Runs the compiler, whose memory of the last run makes it quick. */
function compile(root, why, { inputs, outputs }) {
  const { spawnSync } = require("node:child_process");
  if (!existsSync(compilerManifest(root)))
    fail([
      `${why}, and there is no TypeScript in node_modules to compile with;`,
      "run: npm install --include=dev --ignore-scripts",
    ]);
  // Taken before: what changes while the compiler runs is a change the next time.
  const stamp = { looks: looksOf(inputs), content: contentOf(root, inputs) };
  if (why === "compiled files are missing")
    rmSync(join(root, "dist", ".tsbuildinfo"), { force: true });
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const argv = [compiler, "-p", "tsconfig.build.json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, runOptions(root));
  if (status !== 0)
    fail([
      `${why}, and they do not compile:`,
      ...`${stdout}${stderr}`.trimEnd().split("\n").slice(0, 20),
      "mend what the compiler says, then run: npm run build",
    ]);
  removeLeftovers(root, outputs);
  writeStamp(root, stamp);
}

function runOptions(root) {
  return { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 };
}

function compileWhenStale(root) {
  const parts = partsOf(root);
  const why = staleness(root, parts);
  if (why !== undefined) compile(root, why, parts);
}

/**
 * Makes dist what the sources say. Of several that find it stale one compiles, and the others wait for it.
 * @throws Error with the compiler's messages and the command to use.
 */
function ensureBuilt() {
  const why = staleness(checkout, partsOf(checkout));
  if (why === undefined) return;
  const { spawnSync } = require("node:child_process");
  process.stderr.write(`seamless: ${why}: compiling\n`);
  mkdirSync(join(checkout, "dist"), { recursive: true });
  const lock = join(checkout, "dist", ".lock");
  const flags = ["--exclusive", "--timeout", String(lockTimeoutSeconds)];
  const argv = [...flags, "--conflict-exit-code", "75", lock, process.execPath, __filename, locked];
  const { error, status, stdout } = spawnSync("flock", argv, runOptions(checkout));
  if (error?.code === "ENOENT") compileWhenStale(checkout);
  else if (status === 75)
    fail([
      `gave up after ${lockTimeoutSeconds} s: another process compiles this checkout and holds dist/.lock;`,
      "if it hangs, end it and try again",
    ]);
  else if (status !== 0) fail([stdout.trimEnd() || `compiling ended with exit code ${status}`]);
}

/** Ends this process with the message when dist cannot be made. */
function ensureBuiltOrExit(name) {
  try {
    ensureBuilt();
  } catch (error) {
    if (error.code !== "SEAMLESS_BUILD") throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(2);
  }
}

module.exports = { ensureBuilt, ensureBuiltOrExit };

if (require.main === module) {
  if (process.argv[2] === locked) {
    try {
      compileWhenStale(checkout);
    } catch (error) {
      process.stdout.write(`${error.message}\n`);
      process.exitCode = 1;
    }
  } else ensureBuiltOrExit("seamless");
}
