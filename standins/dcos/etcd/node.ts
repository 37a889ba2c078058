import type { TaskOrder } from "../protocol";
import type { EtcdSettings } from "./settings";
import type { EtcdNode } from "./state";

/** Name of a member, of its task and hence of its addresses in the DNS. */
export function nodeName(index: number): string {
  return `etcd-${index}-node`;
}

export function taskIdOf(index: number, node: EtcdNode): string {
  return `${nodeName(index)}__${node.run}`;
}

export function peerUrl(settings: EtcdSettings, address: string): string {
  return `http://${address}:${settings.peerPort}`;
}

export function clientUrl(settings: EtcdSettings, address: string): string {
  return `http://${address}:${settings.clientPort}`;
}

/** What may change while a member stays what it is. */
export function tuningFlags(settings: EtcdSettings): readonly string[] {
  return [
    `--heartbeat-interval=${settings.heartbeatInterval}`,
    `--election-timeout=${settings.electionTimeout}`,
    `--snapshot-count=${settings.snapshotCount}`,
  ];
}

/**
 * Runs a program with a folder for etcd's data that outlives the task: where Mesos has persistent volumes, below the
 * agent's work folder. The sandbox would be a new one with each start.
 */
const withVolume = [
  'ETCD_DATA_DIR="$(dirname "$(dirname "$MESOS_SANDBOX")")/volumes/roles/$FRAMEWORK_NAME-role/$1"',
  'mkdir -p -m 700 "$ETCD_DATA_DIR"',
  'export ETCD_DATA_DIR && shift && exec "$@"',
].join(" && ");

/** What the agent of a member is told to run. */
export function orderOf(settings: EtcdSettings, index: number, node: EtcdNode): TaskOrder {
  const name = nodeName(index);
  const id = taskIdOf(index, node);
  const peer = peerUrl(settings, node.address);
  const client = clientUrl(settings, node.address);
  const etcd = [
    ...["/usr/bin/etcd", `--name=${name}`],
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
    ...[`--initial-cluster=${node.cluster}`, `--initial-cluster-state=${node.join}`],
    ...[`--initial-cluster-token=${settings.token}`, "--enable-v2=true"],
    ...node.flags,
  ];
  return {
    agent: node.agent,
    name,
    resources: { cpus: node.cpus, mem: node.mem },
    labels: {},
    discovery: [
      {
        number: settings.clientPort,
        protocol: "tcp",
        name: "api",
        labels: { VIP_0: `api:${settings.clientPort}` },
      },
      { number: settings.peerPort, protocol: "tcp", name: "peer", labels: {} },
    ],
    spec: {
      id,
      containerId: node.run,
      appId: `/${settings.name}`,
      version: "",
      command: ["/bin/sh", "-c", withVolume, "etcd", node.volume, ...etcd],
      env: {
        FRAMEWORK_NAME: settings.name,
        TASK_NAME: name,
        POD_INSTANCE_INDEX: String(index),
      },
      network: { mode: "host" },
      ports: [settings.clientPort, settings.peerPort],
      hostPorts: [settings.clientPort, settings.peerPort],
      // etcd without a majority is not made better by being killed.
      healthChecks: [],
      killGraceSeconds: 5,
    },
  };
}
