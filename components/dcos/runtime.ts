import type { CoeRuntime } from "../contract/runtime";

/** DC/OS is asked through Admin Router, its nodes by ssh. */
export const dcosRuntime: CoeRuntime = {
  inspectFlags: [
    {
      name: "url",
      option: "--url <url>",
      description: "of a DC/OS cluster; default: the one of the configuration",
      reaches: true,
    },
    {
      name: "etcd",
      option: "--etcd <url...>",
      description: "its Calico's datastore; default: the one of the configuration",
    },
  ],
  inspect: async (request) => (await import("./inspect/command.js")).inspectDcos(request),
  adopt: async (request) => (await import("./adopt.js")).adoptDcos(request),
  programs: [{ program: "calicoctl", why: "writes Calico's objects" }],
  probe: async (...args) => (await import("./verify/index.js")).dcosProbe(...args),
  render: {
    network: async (coe, access) => (await import("./cni.js")).renderNetwork(coe, access),
    names: async (forwards) => (await import("./forward-zones.js")).renderDcosForwards(forwards),
  },
  steps: {
    "calico-etcd": () => import("./steps/calico-etcd.js"),
    "calico-etcd-delete": () => import("./steps/calico-etcd-delete.js"),
    "calico-etcd-v1": () => import("./steps/calico-etcd-v1.js"),
    "calico-etcd-v1-delete": () => import("./steps/calico-etcd-v1-delete.js"),
    "calico-mesh": () => import("./steps/calico-mesh.js"),
    "calico-node-as": () => import("./steps/calico-node-as.js"),
    "calico-node-as-delete": () => import("./steps/calico-node-as-delete.js"),
    "calico-v1-mesh": () => import("./steps/calico-v1-mesh.js"),
    "dcos-inspect": () => import("./steps/dcos-inspect.js"),
    "marathon-app": () => import("./steps/marathon-app.js"),
    "marathon-app-delete": () => import("./steps/marathon-app-delete.js"),
  },
};
