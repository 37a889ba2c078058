const base = {
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }],
  },
  testEnvironment: "node",
  // Dynamic imports name the compiled file, as Node resolves them.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
};
const project = (name, dirs, extra = {}) => ({
  ...base,
  ...extra,
  displayName: name,
  testMatch: dirs.map((dir) => `<rootDir>/test/${dir}/**/*.test.ts`),
});
const runner = "<rootDir>/test/helpers/serial-runner.js";
const patient = {
  setupFiles: ["<rootDir>/test/helpers/own-tools.js"],
  setupFilesAfterEnv: ["<rootDir>/test/helpers/patient.js"],
};

module.exports = {
  reporters: ["default", "<rootDir>/test/helpers/total.js"],
  projects: [
    // All files of a worker share their modules: see light.js.
    project("unit", ["unit"], {
      runner: ["jest-light-runner", { runtime: "worker_threads" }],
      setupFiles: ["<rootDir>/test/helpers/light.js"],
      testPathIgnorePatterns: ["\\.apart\\.test\\.ts$"],
    }),
    // Replace a module, or change the folder of the process, for themselves alone.
    { ...project("apart", []), testMatch: ["<rootDir>/test/unit/**/*.apart.test.ts"] },
    // Need the toolchain's binaries: real gobgpd, calicoctl, bird, dockerd, pulumi. Three files run at a time: most of their time they wait.
    project("daemons", ["daemons"], patient),
    // Compare the machine before and after, use fixed ports of it, keep all its cores busy, or see any restart of a session.
    project("alone", ["alone"], { ...patient, runner }),
    // Needs everything: brings the lab up, changes it, takes it down.
    project("lab", ["lab"], {
      ...patient,
      runner,
      testEnvironment: "<rootDir>/test/helpers/ordered-environment.js",
    }),
    // Long ones, apart from the rest: `make soak`.
    ...(process.env.SEAMLESS_SOAK === "1"
      ? [project("soak", ["soak"], { ...patient, runner })]
      : []),
  ],
};
