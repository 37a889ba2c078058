import type { SwarmState } from "../../../components/swarm/read";
import { dockerInfo, dockerNetwork, dockerNode } from "../../../components/swarm/seen";

/*
 * A swarm of a manager and a worker as Docker 20.10 says it, in parts.
 */

export const info = (id: string, manager: boolean, more: object = {}) =>
  dockerInfo.parse({
    ServerVersion: "20.10.24+dfsg1",
    Swarm: { NodeID: id, LocalNodeState: "active", ControlAvailable: manager },
    ...more,
  });

export const network = (more: object) =>
  dockerNetwork.parse({ Id: "n", Options: null, Labels: null, Containers: null, ...more });

export const settings = (subnet: string, more: object = {}) =>
  network({
    Name: "seamless-node",
    Driver: "null",
    ConfigOnly: true,
    IPAM: { Config: [{ Subnet: subnet }] },
    Options: {
      "com.docker.network.bridge.name": "seamless0",
      "com.docker.network.bridge.enable_ip_masquerade": "false",
    },
    Labels: { "seamless.coe": "swarm" },
    ...more,
  });

export const instance = (subnet: string, names: readonly string[], more: object = {}) =>
  network({
    ...{ Id: "s1", Name: "seamless", Scope: "swarm", Driver: "bridge" },
    ConfigFrom: { Network: "seamless-node" },
    IPAM: { Config: [{ Subnet: subnet }] },
    Containers: Object.fromEntries(names.map((Name) => [Name, { Name }])),
    ...more,
  });

export const member = (id: string, role: string, address: string, host = id) =>
  dockerNode.parse({
    ...{ ID: id, Spec: { Role: role, Availability: "active" } },
    ...{ Description: { Hostname: host }, Status: { State: "ready", Addr: address } },
  });

export const members = [
  member("m1", "manager", "172.31.0.2"),
  member("w1", "worker", "172.31.0.3"),
];

/** A swarm that has joined, with changes to it. */
export function swarm(change: {
  readonly manager?: Partial<Daemon>;
  readonly worker?: Partial<Daemon> | { readonly unreachable: string };
  readonly swarm?: Partial<Managers> | { readonly unreachable: string };
}): SwarmState {
  const { worker = {} } = change;
  const managers = change.swarm ?? {};
  return {
    daemons: {
      manager: {
        info: info("m1", true),
        networks: [settings("10.90.0.0/24"), instance("10.90.0.0/24", [])],
        ...change.manager,
      },
      worker:
        "unreachable" in worker
          ? worker
          : { info: info("w1", false), networks: [settings("10.90.1.0/24")], ...worker },
    },
    swarm:
      "unreachable" in managers
        ? managers
        : { manager: "manager", members, services: [], ...managers },
  };
}

type Daemon = Extract<SwarmState["daemons"][string], { readonly info: unknown }>;
type Managers = Extract<SwarmState["swarm"], { readonly manager: string }>;
