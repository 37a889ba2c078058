import { join } from "node:path";
import { toolsBin } from "../../util/paths";

/** A list of CNI plugins whose first one is a bridge, but for what is given. */
export const network = (name: string, more: object = {}) => ({
  cniVersion: "1.0.0",
  name,
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: "10.77.0.0/26" }]],
        routes: [{ dst: "0.0.0.0/0" }],
        dataDir: "/run/cni",
      },
      ...more,
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});

/** A job of one probe with an address of the network `blue`, but for what is given. */
export const job = (id: string, group: object = {}, task: object = {}) => ({
  ID: id,
  Datacenters: ["dc1"],
  TaskGroups: [
    {
      Name: "web",
      Networks: [{ Mode: "cni/blue", DynamicPorts: [{ Label: "http", To: 8080 }] }],
      Services: [
        {
          Name: "web",
          Provider: "nomad",
          AddressMode: "alloc",
          PortLabel: "http",
          Tags: ["b", "a"],
        },
      ],
      Tasks: [
        {
          Name: "probe",
          Driver: "raw_exec",
          Config: { command: join(toolsBin(), "lab-probe") },
          ...task,
        },
      ],
      ...group,
    },
  ],
});
