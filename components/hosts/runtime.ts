import { exitCode, SeamlessError } from "../../util/errors";
import type { CoeRuntime } from "../contract/runtime";

/** Plain hosts are asked by ssh. */
export const hostsRuntime: CoeRuntime = {
  inspectFlags: [],
  inspect: async (request) => (await import("./inspect.js")).inspectHosts(request),
  adopt: async ({ name }) => {
    throw new SeamlessError(
      `adopt ${name}: nobody lists plain hosts; write their addresses into nodes by hand, as in docs/hosts.md`,
      exitCode.usage,
    );
  },
  programs: [{ program: "ssh", why: "asks and changes the hosts", version: ["-V"] }],
  probe: async (...args) => (await import("./verify/index.js")).hostsProbe(...args),
  render: {
    network: async (coe) => (await import("./render.js")).renderNetworks(coe),
    speaker: async (plan, coe) => (await import("../linux/render.js")).renderSpeakers(plan, coe),
    names: async () => "# nothing on plain hosts answers for names of containers\n",
  },
  steps: {
    "host-apply": () => import("./steps/host-apply.js"),
    "host-look": () => import("./steps/host-look.js"),
    "host-probe": () => import("./steps/host-probe.js"),
    "host-probe-remove": () => import("./steps/host-probe-remove.js"),
    "host-remove": () => import("./steps/host-remove.js"),
  },
};
