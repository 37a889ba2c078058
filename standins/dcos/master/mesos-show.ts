import { isTerminal } from "../protocol";
import { type Mesos, sumOf } from "./mesos";
import type { AgentRecord, FrameworkRecord, MesosTask } from "./mesos-state";
import { agentId } from "./show";
import { hostPortsOf, portResource } from "./task-ports";

/** The release whose names of fields are used. */
export const mesosVersion = "1.11.0";

/** How things look in the answers of the Mesos master (Mesos 1.11: operator API, `/state`). */
export function showState(mesos: Mesos, leader: string): unknown {
  const { agents, frameworks, tasks } = mesos.state;
  // Tasks of a framework that was ended, until their agents have ended them too.
  const orphans = [...tasks.values()].filter((task) => !frameworks.has(task.framework));
  return {
    version: mesosVersion,
    cluster: "lab",
    hostname: leader.split(":")[0],
    pid: `master@${leader}`,
    leader: `master@${leader}`,
    activated_slaves: [...agents.values()].filter((agent) => !agent.recovered).length,
    ...showAgents(mesos),
    ...showFrameworks(mesos),
    orphan_tasks: orphans.map((task) => showMesosTask(task, "*")),
  };
}

/** Agents that have not been heard of since a restart of the master are listed apart, as in Mesos. */
export function showAgents(mesos: Mesos) {
  const agents = [...mesos.state.agents.values()];
  const shown = (recovered: boolean) =>
    agents.filter((agent) => agent.recovered === recovered).map((agent) => showAgent(mesos, agent));
  return { slaves: shown(false), recovered_slaves: shown(true) };
}

function showAgent(mesos: Mesos, agent: AgentRecord): unknown {
  const tasks = mesos.tasksOn(agent.name);
  const role = agent.role === "public" ? "slave_public" : "*";
  return {
    id: agentId(agent.name),
    hostname: agent.address,
    // libprocess's name of it; the port is the one an agent of Mesos has.
    pid: `slave(1)@${agent.address}:5051`,
    port: 5051,
    active: !agent.recovered,
    attributes: agent.role === "public" ? { public_ip: "true" } : {},
    resources: { ...agent.resources, disk: 0, gpus: 0, ports: portResource(role) },
    used_resources: {
      cpus: sumOf(tasks, "cpus"),
      mem: sumOf(tasks, "mem"),
      disk: 0,
      gpus: 0,
    },
    ...(role === "*" ? {} : { reserved_resources: { [role]: agent.resources } }),
    version: mesosVersion,
  };
}

export function showFrameworks(mesos: Mesos) {
  const frameworks = [...mesos.state.frameworks.values()];
  return {
    frameworks: frameworks.map((framework) => showFramework(mesos, framework)),
    completed_frameworks: [...mesos.state.removed].map((id) => ({ id })),
    unregistered_frameworks: [],
  };
}

function showFramework(mesos: Mesos, framework: FrameworkRecord): unknown {
  const connected = mesos.connected(framework);
  const tasks = mesos.tasksOf(framework.id);
  return {
    id: framework.id,
    name: framework.name,
    pid: `scheduler-${framework.id}@${framework.hostname}:${framework.port}`,
    hostname: framework.hostname,
    webui_url: framework.webuiUrl ?? "",
    role: framework.role,
    principal: framework.principal ?? framework.name,
    active: connected,
    connected,
    recovered: false,
    checkpoint: true,
    failover_timeout: framework.failoverTimeoutSeconds,
    registered_time: framework.registeredAt / 1000,
    used_resources: { cpus: sumOf(tasks, "cpus"), mem: sumOf(tasks, "mem"), disk: 0, gpus: 0 },
    tasks: tasks.map((task) => showMesosTask(task, framework.role)),
    unreachable_tasks: [],
    completed_tasks: [],
  };
}

function showMesosTask({ framework, order, report, wanted }: MesosTask, role: string): unknown {
  const { spec, discovery, labels } = order;
  const state = report?.state ?? "TASK_STAGING";
  const addresses = report?.ipAddress === undefined ? [] : [{ ip_address: report.ipAddress }];
  const network = spec.network.mode === "container" ? { name: spec.network.name } : {};
  const pairs = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([key, value]) => ({ key, value }));
  const hostPorts = hostPortsOf(spec);
  return {
    id: spec.id,
    name: order.name,
    framework_id: framework,
    slave_id: agentId(order.agent),
    state: wanted || isTerminal(state) ? state : "TASK_KILLING",
    role,
    resources: {
      ...order.resources,
      disk: 0,
      gpus: 0,
      ...(hostPorts.length === 0
        ? {}
        : { ports: `[${hostPorts.map((port) => `${port}-${port}`).join(", ")}]` }),
    },
    labels: pairs(labels),
    discovery: {
      visibility: "FRAMEWORK",
      name: order.name,
      ports: {
        ports: discovery.map(({ labels: own, ...port }) => ({
          ...port,
          labels: { labels: pairs(own) },
        })),
      },
    },
    statuses: [
      {
        state,
        timestamp: Date.parse(report?.startedAt ?? "1970-01-01T00:00:00Z") / 1000,
        container_status: {
          container_id: { value: spec.containerId },
          network_infos: [{ ...network, ip_addresses: addresses }],
        },
      },
    ],
  };
}
