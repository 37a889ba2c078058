import type { CoeRuntime } from "../contract/runtime";

/** A swarm is asked by the docker command on its nodes. */
export const swarmRuntime: CoeRuntime = {
  inspectFlags: [
    {
      name: "manager",
      option: "--manager <address>",
      description: "of a Docker Swarm, as ssh takes it; for adopt, where inspect asks all nodes",
    },
  ],
  inspect: async (request) => (await import("./inspect/command.js")).inspectSwarm(request),
  adopt: async (request) => (await import("./adopt.js")).adoptSwarm(request),
  programs: [{ program: "ssh", why: "reaches the nodes", version: ["-V"] }],
  probe: async (...args) => (await import("./verify/index.js")).swarmProbe(...args),
  render: {
    network: async (coe) => (await import("./render.js")).renderNetworks(coe),
    speaker: async (plan, coe) => (await import("../linux/render.js")).renderSpeakers(plan, coe),
    names: async (forwards) => (await import("./render.js")).renderForwards(forwards),
    records: async (...args) => (await import("./records.js")).renderRecords(...args),
  },
  steps: {
    "swarm-host-apply": () => import("./steps/swarm-host-apply.js"),
    "swarm-host-look": () => import("./steps/swarm-host-look.js"),
    "swarm-host-remove": () => import("./steps/swarm-host-remove.js"),
    "swarm-inspect": () => import("./steps/swarm-inspect.js"),
    "swarm-network": () => import("./steps/swarm-network.js"),
    "swarm-network-delete": () => import("./steps/swarm-network-delete.js"),
    "swarm-node": () => import("./steps/swarm-node.js"),
    "swarm-node-delete": () => import("./steps/swarm-node-delete.js"),
    "swarm-probe": () => import("./steps/swarm-probe.js"),
    "swarm-probe-delete": () => import("./steps/swarm-probe-delete.js"),
  },
};
