import type { CoeRuntime } from "../contract/runtime";

/** Nomad is asked by its HTTP API, its clients by SSH. */
export const nomadRuntime: CoeRuntime = {
  inspectFlags: [
    {
      name: "nomad",
      option: "--nomad <url>",
      description: "HTTP API of a Nomad server; default: the one of the configuration",
      reaches: true,
    },
  ],
  inspect: async (request) => (await import("./inspect/command.js")).inspectCommand(request),
  adopt: async (request) => (await import("./adopt.js")).adoptNomad(request),
  programs: [{ program: "ssh", why: "reaches the clients", version: ["-V"] }],
  probe: async (...args) => (await import("./verify/index.js")).nomadProbe(...args),
  render: {
    network: async (coe) => (await import("./render.js")).renderNetwork(coe),
    speaker: async (plan, coe) => (await import("../linux/render.js")).renderSpeakers(plan, coe),
    records: async (...args) => (await import("./records.js")).renderRecords(...args),
    names: async (forwards) => (await import("./render.js")).renderForwards(forwards),
  },
  steps: {
    "nomad-host-apply": () => import("./steps/nomad-host-apply.js"),
    "nomad-host-look": () => import("./steps/nomad-host-look.js"),
    "nomad-host-remove": () => import("./steps/nomad-host-remove.js"),
    "nomad-inspect": () => import("./steps/nomad-inspect.js"),
    "nomad-job": () => import("./steps/nomad-job.js"),
    "nomad-job-delete": () => import("./steps/nomad-job-delete.js"),
    "nomad-network": () => import("./steps/nomad-network.js"),
    "nomad-network-delete": () => import("./steps/nomad-network-delete.js"),
  },
};
