/**
 * Loaded first, makes the program and the plugins start in about half the time: the packages they use load much that
 * is never used here, and Pulumi's takes a stack trace with every promise.
 */
const Module = require("node:module");
const { join } = require("node:path");

/** Modules whose loading waits for their first use: the file that asks for them, and their names. */
const delayed = [
  // To write functions into the state, as dynamic providers do.
  ["@pulumi/pulumi/runtime/closure/codePaths.js", ["@npmcli/arborist"]],
  ["@pulumi/pulumi/typescript-shim.js", ["typescript"]],
  ["@pulumi/kubernetes/index.js", ["./helm", "./kustomize", "./yaml"]],
  // Messages in forty languages.
  ["zod/v4/core/index.cjs", ["../locales/index.cjs"]],
  ["zod/v4/classic/external.cjs", ["../locales/index.cjs"]],
];

/** A module that is loaded when somebody first asks for something in it. */
function lazily(load) {
  let loaded;
  const all = () => {
    loaded ??= load();
    return loaded;
  };
  return new Proxy(
    {},
    {
      // TypeScript's import helpers ask this first, and copy every member of what is no ES module.
      get: (_, name) => (name === "__esModule" ? true : all()[name]),
      has: (_, name) => name in all(),
    },
  );
}

function isDelayed(request, asker = "") {
  return delayed.some(
    ([file, names]) => names.includes(request) && asker.endsWith(`/node_modules/${file}`),
  );
}

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const now = () => load.call(this, request, parent, ...rest);
  return isDelayed(request, parent?.filename) ? lazily(now) : now();
};
// Node.js 22 and newer can keep what V8 has compiled; in our own folder, for what is in it is run.
Module.enableCompileCache?.(join(__dirname, "..", "..", "dist", ".compiled"));
// The SDK maps every frame of every trace to its TypeScript source; the compiled program has no maps to show for it.
Error.prepareStackTrace = undefined;
