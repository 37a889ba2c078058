/**
 * Makes the light runner of jest run TypeScript, hold to the time a test may take, and count what fails beside it. That
 * runner loads a module once for all files of a worker, where jest's own loads Pulumi, zod and the rest anew for each.
 */
const { isMainThread } = require("node:worker_threads");
const { addEventHandler } = require("jest-circus");

const defaultTimeoutMs = 5000;

/** What fails the test or hook that runs, and what was nobody's fault until the next one. */
let fail;
const unclaimed = [];

/** @returns the test or hook, which fails when it is not done in time, or when a promise that nobody waits for does */
function limited({ name, type, fn, timeout = defaultTimeoutMs }) {
  return async () => {
    let timer;
    const failed = new Promise((_, reject) => {
      fail = reject;
      const why = `${name ?? type} was not done after ${timeout} ms; a third argument allows more`;
      timer = setTimeout(() => reject(new Error(why)), timeout);
      if (unclaimed.length > 0) reject(unclaimed.shift());
    });
    try {
      await Promise.race([failed, fn()]);
    } finally {
      clearTimeout(timer);
      fail = undefined;
    }
  };
}

addEventHandler(({ name }, { currentDescribeBlock }) => {
  const { children, hooks } = currentDescribeBlock;
  const added = { add_test: children, add_hook: hooks }[name]?.at(-1);
  if (added?.fn !== undefined) added.fn = limited({ ...added });
});

for (const event of ["unhandledRejection", "uncaughtException"])
  process.on(event, (error) => (fail === undefined ? unclaimed.push(error) : fail(error)));

// The pool of threads waits for ever for one that ends itself.
if (!isMainThread)
  process.exit = (code = 0) => {
    const error = new Error(`process.exit(${code}) would end the thread that runs the tests`);
    fail?.(error);
    throw error;
  };

module.exports = async () => {
  for (const api of ["tsx/cjs/api", "tsx/esm/api"]) (await import(api)).register();
};
